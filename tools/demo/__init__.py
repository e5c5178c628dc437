"""The main job on real input: a small company's year of subscriptions."""
