"""peers.py serve|connect: a TCP session to each address of the far side, in the VRF that leads there; and a UDP socket. Says "up" when they stand."""
import socket
import sys
import time

# address, VRF here
PEERS = [("10.0.0.2", None), ("fd00:0::2", None), ("10.9.9.9", None), ("10.3.0.2", "vrf3"), ("fd00:3::2", "vrf3"), ("10.4.0.2", "vrf4"), ("fd00:4::2", "vrf4")]
PORT = 179
kept = []


def open_socket(address, kind=socket.SOCK_STREAM):
    return socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)


if sys.argv[1] == "serve":
    listeners = []
    for address, _ in PEERS:
        one = open_socket(address)
        one.bind((address, PORT))
        one.listen()
        listeners.append(one)
    print("up", flush=True)
    for one in listeners:
        kept.append(one.accept())
else:
    for address, vrf in PEERS:
        one = open_socket(address)
        if vrf is not None:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, vrf.encode())
        one.connect((address, PORT))
        kept.append(one)
    one = open_socket("10.0.0.2", socket.SOCK_DGRAM)
    one.connect(("10.0.0.2", 53))
    kept.append(one)
    print("up", flush=True)
time.sleep(100000)
