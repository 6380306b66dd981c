#!/usr/bin/env python3
"""Attacks on the way back of a sign-in: raw requests to its listener on this machine.

attack.py PORT PATH STATE: sends each attack and prints its name and the status that came ("closed" for none), one a line.
attack.py --slow PORT: one byte of a request a second, until standard input ends.
attack.py --crowd PORT COUNT: COUNT connections that say nothing, until standard input ends.
"""
import select
import socket
import sys
import time


def ask(port, data):
    s = socket.create_connection(('127.0.0.1', port), 10)
    s.settimeout(15)
    answer = b''
    try:
        s.sendall(data)
        while True:
            got = s.recv(4096)
            if not got:
                break
            answer += got
    except OSError:
        pass
    s.close()
    words = answer.split(b' ', 2)
    return words[1].decode() if len(words) > 1 and words[0].startswith(b'HTTP/') else 'closed'


def ended():
    return bool(select.select([sys.stdin], [], [], 0.2)[0])


def attacks(port, path, state):
    place = path or '/'
    host = '127.0.0.1:%d' % port
    query = 'state=%s&code=stolen' % state

    def request(target, method='GET', hosts=(host,), version='HTTP/1.1', more=''):
        head = '%s %s %s\r\n' % (method, target, version)
        head += ''.join('Host: %s\r\n' % h for h in hosts)
        return (head + more + '\r\n').encode('latin-1')

    good = place + '?' + query
    yield 'wrong state', request('%s?state=x%s&code=stolen' % (place, state[1:]))
    yield 'longer state', request('%s?state=%sx&code=stolen' % (place, state))
    yield 'shorter state', request('%s?state=%s&code=stolen' % (place, state[:-1]))
    yield 'empty state', request('%s?state=&code=stolen' % place)
    yield 'absent state', request('%s?code=stolen' % place)
    yield 'no code', request('%s?state=%s' % (place, state))
    yield 'empty code', request('%s?state=%s&code=' % (place, state))
    yield 'code twice', request(good + '&code=mine')
    yield 'state twice', request(good + '&state=' + state)
    yield 'code twice, one in disguise', request(good + '&%63ode=mine')
    yield 'iss twice', request(good + '&iss=https%3A%2F%2Fa.example&iss=https%3A%2F%2Fb.example')
    yield 'yes and no', request(good + '&error=access_denied')
    yield 'NUL in the code', request(place + '?' + query + '%00x')
    yield 'NUL in the state', request('%s?state=%s%%00&code=stolen' % (place, state))
    yield 'CR LF in the code', request(place + '?' + query + '%0d%0aSet-Cookie:x=y')
    yield 'LF in the state', request('%s?state=%s%%0a&code=stolen' % (place, state))
    yield 'a broken escape', request(place + '?' + query + '%4')
    yield 'a raw NUL', request(good).replace(b'stolen', b'sto\0len')
    yield '64 KB of code', request(place + '?state=%s&code=%s' % (state, 'x' * 65536))
    yield '5 KB of code', request(place + '?state=%s&code=%s' % (state, 'x' * 5000))
    yield '64 KB of a header', request(good, more='Cookie: ' + 'x' * 65536 + '\r\n')
    yield 'forty parameters', request(good + ''.join('&p%d=1' % i for i in range(40)))
    yield 'another path', request('/other?' + query)
    yield "another platform's path", request('/api/platforms/connections/youtube/callback?' + query)
    yield 'a path around', request('/./' + place.lstrip('/') + '?' + query)
    yield 'a whole address', request('http://%s%s' % (host, good))
    yield 'Host of another', request(good, hosts=('evil.example',))
    yield 'Host with another port', request(good, hosts=('127.0.0.1:1',))
    yield 'no Host', request(good, hosts=())
    yield 'two Hosts', request(good, hosts=(host, 'evil.example'))
    yield 'the same Host twice', request(good, hosts=(host, host))
    for method in ('POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'get', 'CONNECT'):
        yield method, request(good, method=method)
    yield 'POST with a form', request(place, method='POST', more='Content-Length: %d\r\n' % len(query)) + query.encode()
    yield 'no version', ('GET %s\r\n\r\n' % good).encode()
    yield 'another protocol', request(good, version='ICY/1.0')
    yield 'TLS', bytes.fromhex('16030100c8010000c40303') + b'\0' * 190
    yield 'nothing', b'\r\n\r\n'
    yield 'a folded Host', ('GET %s HTTP/1.1\r\nHost:\r\n %s\r\n\r\n' % (good, host)).encode()


def main():
    if sys.argv[1] == '--slow':
        s = socket.create_connection(('127.0.0.1', int(sys.argv[2])), 10)
        print('ready', flush=True)
        for byte in b'GET /?' + b'a' * 100:
            try:
                s.send(bytes([byte]))
            except OSError:
                pass
            if ended():
                return
            time.sleep(0.8)
    elif sys.argv[1] == '--crowd':
        crowd = []
        for _ in range(int(sys.argv[3])):
            crowd.append(socket.create_connection(('127.0.0.1', int(sys.argv[2])), 10))
        print('ready', flush=True)
        while not ended():
            pass
    else:
        port = int(sys.argv[1])
        for name, data in attacks(port, sys.argv[2], sys.argv[3]):
            print('%s: %s' % (name, ask(port, data)), flush=True)


main()
