"""One signed POST request to another system: to public addresses, without redirects."""

import hashlib
import hmac
import socket
import time
from ipaddress import ip_address
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

SHOWN_ANSWER = 500  # bytes of an answer that are read


class NotPublic(Exception):
    """The address is one of this computer or of a private network."""


class Refused(Exception):
    """The receiver has answered with another status than one of success.

    :param str answer: the beginning of what it said.
    """

    def __init__(self, status, answer):
        super().__init__(status, answer)
        self.status, self.answer = status, answer


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a request: HMAC-SHA256 over ``timestamp.body``, in hexadecimal digits."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet."""
    parsed = ip_address(address.partition("%")[0])
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return parsed.is_global and not parsed.is_multicast


class _PublicOnly:
    """Looks whom the connection has reached before anything is sent: names can lie."""

    def _new_conn(self):
        connection = super()._new_conn()
        if not is_public(connection.getpeername()[0]):
            connection.close()
            raise NotPublic
        return connection


class _PublicHTTPConnection(_PublicOnly, HTTPConnection):
    pass


class _PublicHTTPSConnection(_PublicOnly, HTTPSConnection):
    pass


class _PublicHTTPConnectionPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTPConnection


class _PublicHTTPSConnectionPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPSConnection


class _PublicAdapter(HTTPAdapter):
    def init_poolmanager(self, *args, **kwargs):
        result = super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _PublicHTTPConnectionPool,
            "https": _PublicHTTPSConnectionPool,
        }
        return result


def _check_public(url):
    parts = urlsplit(url)
    found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    if not all(is_public(address[0]) for *_others, address in found):
        raise NotPublic


def post(url, body: bytes, headers, secret, timeout, allow_private=False):
    """Send one request and wait for its answer.

    Redirects are not followed, and proxies of the server's environment are not used.

    :param dict headers: beside the signature, its time stamp and the type of the content.
    :param float timeout: seconds to wait for a connection, and for each part of the answer.
    :param bool allow_private: this computer and private networks may be called as well.
    :return: the status, from 200 to 299.
    :raise NotPublic: when the address is not one of the internet.
    :raise Refused: when the receiver does not answer with success.
    :raise OSError: when it cannot be reached (among them ``requests.RequestException``).
    """
    timestamp = str(int(time.time()))
    with requests.Session() as session:
        session.trust_env = False
        if not allow_private:
            _check_public(url)
            session.mount("http://", _PublicAdapter())
            session.mount("https://", _PublicAdapter())
        answer = session.post(
            url,
            data=body,
            headers={
                **headers,
                "Content-Type": "application/json",
                "User-Agent": "Odoo-Subscriptions/1",
                "X-Subscription-Timestamp": timestamp,
                "X-Subscription-Signature": f"sha256={sign(secret, timestamp, body)}",
            },
            timeout=timeout,
            allow_redirects=False,
            stream=True,
        )
        with answer:
            if not 200 <= answer.status_code < 300:
                text = next(answer.iter_content(SHOWN_ANSWER), b"")
                raise Refused(answer.status_code, text.decode("utf-8", "replace"))
            return answer.status_code
