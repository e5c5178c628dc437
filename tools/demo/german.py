"""What the demo sells, in German."""

NAMES = {
    # products and plans
    "Web Hosting M": "Webhosting M",
    "Web Hosting L": "Webhosting L",
    "Web Hosting M, monthly": "Webhosting M, monatlich",
    "Web Hosting L, monthly": "Webhosting L, monatlich",
    "Web Hosting M, yearly": "Webhosting M, jährlich",
    "Hosting Set-up": "Einrichtung Webhosting",
    "Additional Domain": "Zusätzliche Domain",
    "Daily Backup": "Tägliche Datensicherung",
    "Game Server Slot": "Platz auf dem Spieleserver",
    "Game Server, every two weeks": "Spieleserver, alle zwei Wochen",
    "Team Planner Seat": "Arbeitsplatz Teamplaner",
    "Team Planner, per seat": "Teamplaner, je Arbeitsplatz",
    "Telephone Line": "Telefonanschluss",
    "Telephone Line Activation": "Freischaltung Telefonanschluss",
    "Call Minutes": "Gesprächsminuten",
    "Gym Membership": "Mitgliedschaft Fitnessstudio",
    "Gym Joining Fee": "Aufnahmegebühr Fitnessstudio",
    "Daily Newspaper": "Tageszeitung",
    "Daily Newspaper, quarterly": "Tageszeitung, vierteljährlich",
    "Support Flat Rate": "Support-Pauschale",
    "Software Maintenance": "Softwarewartung",
    "Software Maintenance, yearly": "Softwarewartung, jährlich",
    "Uptime Monitoring": "Verfügbarkeitsüberwachung",
    "Uptime Monitoring (USD)": "Verfügbarkeitsüberwachung (USD)",
    "Cloud Storage": "Cloud-Speicher",
    "Cloud Storage Set-Up": "Einrichtung Cloud-Speicher",
    "Cloud Storage, one year": "Cloud-Speicher, ein Jahr",
    "Data Transfer": "Datenübertragung",
    "Data transfer": "Datenübertragung",
    "Workspace Seat": "Arbeitsplatz Workspace",
    "Workspace API Calls": "API-Aufrufe Workspace",
    "API calls": "API-Aufrufe",
    "Workspace, per seat": "Workspace, je Arbeitsplatz",
    "Tennis Club Membership": "Mitgliedschaft Tennisclub",
    "Admission Fee": "Aufnahmegebühr",
    "Indoor Courts in Winter": "Hallenplätze im Winter",
    "Travel Magazine": "Reisemagazin",
    "Travel Magazine, twelve issues": "Reisemagazin, zwölf Ausgaben",
    "Cloud Server": "Cloud-Server",
    "Server Traffic": "Datenverkehr Server",
    "Server traffic": "Datenverkehr",
    "VPN Access": "VPN-Zugang",
    "VPN Access, paid in advance": "VPN-Zugang, im Voraus bezahlt",
    # features
    "Boards": "Boards",
    "Export": "Export",
    "Court booking": "Platzbuchung",
    "Indoor courts": "Hallenplätze",
    "Online archive": "Online-Archiv",
    "Storage": "Speicherplatz",
    "Daily snapshots": "Tägliche Snapshots",
    # descriptions
    "50 GB of web space, mailboxes and TLS certificates": (
        "50 GB Webspace, Postfächer und TLS-Zertifikate"
    ),
    "200 GB of web space, mailboxes, TLS certificates and daily backups": (
        "200 GB Webspace, Postfächer, TLS-Zertifikate und tägliche Datensicherung"
    ),
    "Room for one player, price for two weeks": "Platz für einen Spieler, Preis für zwei Wochen",
    "One user of the team planner for a month": "Ein Nutzer des Teamplaners für einen Monat",
    "Six issues a week, delivered, price for three months": (
        "Sechs Ausgaben je Woche frei Haus, Preis für drei Monate"
    ),
    "Telephone and remote support, price for three months": (
        "Hilfe am Telefon und per Fernwartung, Preis für drei Monate"
    ),
    "Updates and hotline for a year": "Updates und Hotline für ein Jahr",
    "Encrypted access from five devices for a year": (
        "Verschlüsselter Zugang von fünf Geräten für ein Jahr"
    ),
}
