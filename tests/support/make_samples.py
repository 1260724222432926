#!/usr/bin/env python3
"""Writes the logs of samples/: invented traffic of an invented shop, the same on every machine.

    make_samples.py DIR           writes them into DIR
    make_samples.py --check DIR   exit 1 when a file there is not what this script writes

Every address and name is one set aside for documentation (RFC 5737, RFC 3849, RFC 2606).
"""
import os
import sys
import time

START = 1795514400  # 2026-11-24T10:00:00Z


class Dice:
    """A small linear congruential generator: the same throws whatever the Python."""

    def __init__(self, seed):
        self.state = seed

    def under(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        return (self.state >> 33) % n

    def of(self, items):
        return items[self.under(len(items))]


FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0'
CHROME = ('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) '
          'Chrome/131.0.0.0 Safari/537.36')
SAFARI = ('Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 '
          '(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1')
CRAWLER = 'Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example.net/about)'
PROBE = 'health-probe/1.4'
SHOP = 'https://shop.example.org'

PEOPLE = ['203.0.113.7', '203.0.113.19', '203.0.113.88', '203.0.113.141', '192.0.2.14', '192.0.2.60',
          '192.0.2.201', '2001:db8:40::1f', '2001:db8:7:2::a9', '2001:db8:7:2::b1']


def stamp(second, zone='+0000'):
    return time.strftime(f'%d/Nov/2026:%H:%M:%S {zone}', time.gmtime(START + second))


def combined(second, client, request, status, size, referer='-', agent=FIREFOX, user='-'):
    return f'{client} - {user} [{stamp(second)}] "{request}" {status} {size} "{referer}" "{agent}"'


def visit(dice, second):
    """One request of a person who looks around in the shop."""
    client = dice.of(PEOPLE)
    agent = (FIREFOX, CHROME, SAFARI, CHROME)[PEOPLE.index(client) % 4]
    item = 100 + dice.under(24)
    what = dice.under(20)
    if what < 5:
        return combined(second, client, 'GET / HTTP/2.0', 200, 5120 + dice.under(9), '-', agent)
    if what < 10:
        return combined(second, client, f'GET /items/{item} HTTP/2.0', 200, 7000 + item, SHOP + '/', agent)
    if what < 13:
        return combined(second, client, f'GET /img/{item}.webp HTTP/2.0', 304, 0, SHOP + f'/items/{item}', agent)
    if what < 15:
        return combined(second, client, f'GET /search?q=lamp&page={1 + dice.under(3)} HTTP/2.0', 200,
                        3800 + dice.under(400), SHOP + '/', agent)
    if what == 15:
        return combined(second, client, 'POST /cart HTTP/2.0', 303, 0, SHOP + f'/items/{item}', agent)
    if what == 16:
        return combined(second, client, 'GET /video/tour.mp4 HTTP/2.0', 206, 1048576, SHOP + '/', agent)
    if what == 17:
        return combined(second, client, f'GET /old/item-{item} HTTP/1.1', 301, 162, '-', agent)
    if what == 18:
        return combined(second, client, 'POST /api/beacon HTTP/2.0', 204, 0, SHOP + '/', agent)
    return combined(second, client, f'GET /items/{item}/reviews HTTP/2.0', 404, 153, SHOP + f'/items/{item}', agent)


ODD = [  # second of the hour, what the internet sends beside its customers
    (95, '198.51.100.77', r'\x16\x03\x01\x00\xEE\x01\x00\x00\xEA\x03\x03', 400, 150, '-', '-'),
    (260, '198.51.100.9', 'GET /.env HTTP/1.1', 404, 153, '-', 'curl/8.5.0'),
    (263, '198.51.100.9', 'GET /.git/config HTTP/1.1', 403, 153, '-', 'curl/8.5.0'),
    (266, '198.51.100.9', 'GET /wp-login.php HTTP/1.1', 404, 153, '-', 'curl/8.5.0'),
    (410, '2001:db8:ffff::13', '-', 408, 0, '-', '-'),
    (655, '198.51.100.150', 'PROPFIND / HTTP/1.1', 405, 157, '-', 'DavClnt'),
    (702, '198.51.100.12', 'CONNECT mail.example.net:25 HTTP/1.1', 405, 157, '-', '-'),
    (890, '203.0.113.19', 'GET /reports/2026.csv HTTP/2.0', 499, 0, SHOP + '/reports', CHROME),
    (1010, '192.0.2.60', 'DELETE /api/cart/7 HTTP/2.0', 204, 0, SHOP + '/cart', CHROME),
    (1100, '198.51.100.9', 'GET /..%2f..%2fetc/passwd HTTP/1.1', 400, 150, '-', 'curl/8.5.0'),
    (1185, '192.0.2.201', 'PUT /api/profile HTTP/2.0', 409, 88, SHOP + '/me', FIREFOX),
    (1705, '2001:db8:40::1f', 'OPTIONS /api/cart HTTP/2.0', 204, 0, SHOP + '/', SAFARI),
    (1990, '198.51.100.31', 'TRACE / HTTP/1.1', 405, 157, '-', 'probe'),
    (2080, '203.0.113.88', 'GET /items/104 HTTP/2.0', 500, 177, SHOP + '/', SAFARI),
]


def combined_log():
    dice, lines = Dice(7), []
    for second in range(0, 2400, 14):
        lines.append((second, visit(dice, second)))
    for second in range(0, 2400, 120):
        lines.append((second, combined(second, '192.0.2.1', 'HEAD /health HTTP/1.1', 200, 0, '-', PROBE)))
    for second in range(33, 2400, 150):
        lines.append((second, combined(second, '198.51.100.200', f'GET /items/{100 + dice.under(24)} HTTP/1.1', 200,
                                       7100 + dice.under(24), '-', CRAWLER)))
    for second, client, request, status, size, referer, agent in ODD:
        lines.append((second, combined(second, client, request, status, size, referer, agent)))
    # 10:21 to 10:24: someone tries passwords faster than the limit allows.
    for n in range(52):
        second = 1265 + n * 3
        status, size = (401, 93) if n < 5 else (429, 71)
        lines.append((second, combined(second, '198.51.100.23', 'POST /login HTTP/1.1', status, size, '-',
                                       'python-requests/2.32.3')))
    # 10:31 to 10:33: the shop's API is restarted under way.
    for n in range(26):
        second = 1865 + n * 5
        status = 504 if n < 4 else 502 if n < 14 else 503
        lines.append((second, combined(second, dice.of(PEOPLE), f'GET /api/stock/{100 + dice.under(24)} HTTP/2.0', status,
                                       {502: 150, 503: 190, 504: 160}[status], SHOP + '/', CHROME)))
    return [l for _s, l in sorted(lines, key=lambda x: x[0])]


def common_log():
    dice, lines = Dice(11), []
    for n in range(120):
        status = dice.of([200] * 12 + [304, 304, 302, 404, 403, 500])
        size = '-' if status == 304 else 200 + dice.under(9000)
        user = 'maria' if n % 17 == 0 else '-'
        host = dice.of(['host-%d.example.net' % dice.under(9), '192.0.2.%d' % (10 + dice.under(40))])
        target = dice.of(['/', '/docs/', '/docs/install.html', '/img/logo.gif', '/cgi-bin/count', '/~maria/'])
        lines.append(f'{host} - {user} [{stamp(n * 31, "-0500")}] "GET {target} HTTP/1.0" {status} {size}')
    lines.append(f'192.0.2.33 - - [{stamp(3800, "-0500")}] "GET /docs/" 200 1777')
    lines.append(f'192.0.2.33 - - [{stamp(3812, "-0500")}] "HEAD / HTTP/1.0" 200 -')
    return lines


def vhost_log():
    dice, lines = Dice(13), []
    for n in range(100):
        host = dice.of(['shop.example.org:443'] * 3 + ['www.example.org:80', 'api.example.org:443'])
        status = 301 if host.endswith(':80') else dice.of([200] * 9 + [201, 404, 503])
        target = {'s': f'/items/{100 + dice.under(24)}', 'w': '/', 'a': f'/v2/orders/{dice.under(900)}'}[host[0]]
        method = 'POST' if status == 201 else 'GET'
        lines.append(f'{host} ' + combined(n * 20, dice.of(PEOPLE), f'{method} {target} HTTP/1.1', status,
                                           100 + dice.under(9000), '-', dice.of([FIREFOX, CHROME, SAFARI])))
    return lines


def mixed_log():
    """What a directory of logs concatenated really holds."""
    c, v, n = combined_log(), vhost_log(), common_log()
    lines = []
    for i in range(20):
        lines += [c[i * 9], v[i * 4], n[i * 5]]
    lines[12:12] = ['']
    lines[20:20] = ['[Tue Nov 24 10:04:01.113355 2026] [core:notice] [pid 811] AH00094: Command line: '
                    "'/usr/sbin/apache2'"]
    lines[31:31] = ['Nov 24 10:06:11 web1 nginx: ' + c[40]]
    lines[40:40] = ['2026-11-24T10:08:02.551133204Z stdout F ' + c[55]]
    lines[52:52] = ['    at Shop.handle (/srv/shop/app.js:212:9)']
    return lines


def today_log():
    """Eight short lines for the first page of the README."""
    rows = [(0, '203.0.113.7', '-', 'GET /items/104 HTTP/2.0', 200, 7104), (2, '203.0.113.7', 'maria', 'POST /cart HTTP/2.0', 303, 0),
            (3, '192.0.2.60', '-', 'GET /video/tour.mp4 HTTP/2.0', 206, 1048576),
            (5, '198.51.100.23', '-', 'POST /login HTTP/1.1', 429, 71), (5, '2001:db8:7:2::a9', '-', 'GET /api/stock/104 HTTP/2.0', 503, 190),
            (8, '192.0.2.14', '-', 'GET /reports/2026.csv HTTP/2.0', 499, 0), (9, '198.51.100.31', '-', 'HEAD / HTTP/1.1', 405, '-'),
            (9, '198.51.100.77', '-', r'\x16\x03\x01\x00\xEE\x01', 400, 150)]
    return [f'{client} - {user} [{stamp(2460 + s)}] "{request}" {status} {size}'
            for s, client, user, request, status, size in rows]


LOGS = {'today.log': today_log, 'combined.log': combined_log, 'common.log': common_log, 'vhost.log': vhost_log, 'mixed.log': mixed_log}


def main():
    check = sys.argv[1:2] == ['--check']
    folder, bad = sys.argv[-1], 0
    for name, make in LOGS.items():
        path, data = os.path.join(folder, name), ('\n'.join(make()) + '\n').encode()
        if check:
            with open(path, 'rb') as f:
                if f.read() != data:
                    print(f'{path} is not what tests/support/make_samples.py writes')
                    bad = 1
        else:
            with open(path, 'wb') as f:
                f.write(data)
    if check and not bad:
        print(f'{len(LOGS)} samples are as they are made')
    return bad


if __name__ == '__main__':
    sys.exit(main())
