import hashlib

from deliveries import message_digest

MESSAGE = b"Subject: hello\r\n\r\n" + b"One line of it.\r\n" * 1000


def test_a_message_is_known_again_by_its_digest():
    assert message_digest.is_of(message_digest.digest(MESSAGE), MESSAGE)


def test_any_other_byte_makes_it_another_message():
    known = message_digest.digest(MESSAGE)
    for place in (0, len(MESSAGE) // 2, len(MESSAGE) - 1):
        other = bytearray(MESSAGE)
        other[place] ^= 1
        assert not message_digest.is_of(known, bytes(other))
    assert not message_digest.is_of(known, MESSAGE + b"\r\n")


def test_one_that_waits_since_0_1_0_is_known_by_its_sha_256():
    known = hashlib.sha256(MESSAGE).digest()
    assert message_digest.is_of(known, MESSAGE)
    assert not message_digest.is_of(known, MESSAGE[:-1])
