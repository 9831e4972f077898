"""A TCP relay that a test can cut: python3 relay.py LISTEN_HOST:PORT TO_HOST:PORT

SIGUSR1 resets every connection that goes through it. New ones are taken as before.
"""

import signal
import socket
import struct
import sys
import threading

pairs = set()
lock = threading.Lock()


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def cut(*_):
    with lock:
        for ends in pairs:
            for end in ends:
                # A reset, with what is on its way.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                end.close()
        pairs.clear()


def main():
    listener = socket.create_server(address(sys.argv[1]))
    signal.signal(signal.SIGUSR1, cut)
    while True:
        near, _ = listener.accept()
        far = socket.create_connection(address(sys.argv[2]))
        with lock:
            pairs.add((near, far))
        threading.Thread(target=copy, args=(near, far), daemon=True).start()
        threading.Thread(target=copy, args=(far, near), daemon=True).start()


main()
