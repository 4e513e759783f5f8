#!/usr/bin/env python3
"""A second verifier of exported packs, written from FORMAT.md alone and sharing no code with the first. For tests.

Standard library only, with its own Ed25519 (RFC 8032). Reads a whole pack into memory: it is meant to be plainly right, not fast.
Usage: independent_verify.py PACK [--key KEY] [--against RECEIPT]     Prints one JSON document; exit code 0 verified, 1 not.
"""
import argparse, base64, hashlib, json, re, struct, sys, zipfile

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


class Bad(Exception):
    pass


def need(condition, reason):
    if not condition:
        raise Bad(reason)


# --- Ed25519, RFC 8032 section 5.1, in extended coordinates ---

def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    p, q = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    r, s = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = q - p, s - r, s + r, q + p
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    result = (0, 1, 1, 0)
    while n > 0:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def point_of(raw):
    y = int.from_bytes(raw, 'little')
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else (0, y, 1, 0)
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P != 0:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_of(bytes.fromhex('5866666666666666666666666666666666666666666666666666666666666666'))


def ed25519_ok(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], 'little')
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), 'little') % Q
    return same(times(s, BASE), add(r, times(h, a)))


# --- notes and keys, FORMAT.md section 3 ---

def sha(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def b64(text, size=None):
    need(isinstance(text, str), 'base64 is not a text')
    raw = base64.b64decode(text, validate=True)
    need(base64.b64encode(raw).decode() == text and size in (None, len(raw)), 'base64 is not canonical')
    return raw


def key_of(text):
    name, digest, encoded = text.split('+', 2)
    raw = b64(encoded, 33)
    need(raw[0] == 1 and sha(name.encode(), b'\n', raw)[:4].hex() == digest, 'a key does not fit its hash')
    return name, raw[1:]


def signers(note, name, keys):
    """Positions of the keys whose signatures are under the note, in the order of its lines; -1 for another's."""
    text, _, lines = note.partition('\n\n')
    text += '\n'
    need(lines.endswith('\n'), 'a note has no signature')
    found = []
    for line in lines[:-1].split('\n'):
        match = re.fullmatch('\u2014 (\\S+) ([A-Za-z0-9+/=]+)', line)
        need(match, 'a signature line is malformed')
        raw = b64(match[2])
        at = -1
        for index, key in enumerate(keys):
            if match[1] == name and raw[:4] == sha(name.encode(), b'\n\x01', key)[:4] and ed25519_ok(key, text.encode(), raw[4:]):
                at = index
        found.append(at)
    return text, found


class Log:
    def __init__(self, manifest, trusted):
        named = [key_of(text) for text in manifest['keys']]
        self.name, self.keys = named[0][0], [raw for _, raw in named]
        need(self.name == 'sallyport.local/log/' + self.keys[0].hex()[:16], 'the log is not named for its first key')
        need(len(manifest['rotations']) == len(named) - 1, 'a rotation is missing')
        for index, note in enumerate(manifest['rotations']):
            text, found = signers(note, self.name, self.keys)
            need(text == '%s/keys\n%d\n%s\n' % (self.name, index + 2, manifest['keys'][index + 1]), 'a rotation says something else')
            need(index in found and index + 1 in found, 'a rotation lacks a signature')
        self.trusted = 0
        if trusted is not None:
            name, raw = key_of(trusted)
            need(name == self.name and raw in self.keys, 'the trusted key is not one of this log')
            self.trusted = self.keys.index(raw)

    def origin(self, epoch):
        return self.name if epoch == 1 else '%s.%d' % (self.name, epoch)

    def epoch(self, origin):
        if origin == self.name:
            return 1
        match = re.fullmatch(re.escape(self.name) + r'\.([1-9]\d*)', origin)
        need(match and int(match[1]) > 1, 'a note is of another log')
        return int(match[1])

    def opened(self, note, origin, since):
        text, found = signers(note, origin, self.keys)
        need(any(at >= since for at in found), 'a note is not signed by the log')
        return text

    def checkpoint(self, note, since):
        origin = note.split('\n')[0]
        epoch = self.epoch(origin)
        text = self.opened(note, origin, since)
        match = re.fullmatch('([^\n]+)\n(0|[1-9][0-9]*)\n([^\n]+)\n', text)
        need(match, 'a checkpoint is malformed')
        return epoch, int(match[2]), b64(match[3], 32)


# --- trees, RFC 6962 and RFC 9162 section 2.1 ---

def leaf(data):
    return sha(b'\x00', data)


def node(left, right):
    return sha(b'\x01', left, right)


def split(size):
    return 1 << ((size - 1).bit_length() - 1)


def included(hash_, index, size, path):
    """The root that an inclusion proof leads to, by the recursive definition of RFC 6962."""
    need(index < size, 'a proof is of a leaf beyond the tree')
    if size == 1:
        need(path == [], 'a proof is too long')
        return hash_
    need(path, 'a proof is too short')
    k = split(size)
    if index < k:
        return node(included(hash_, index, k, path[:-1]), path[-1])
    return node(path[-1], included(hash_, index - k, size - k, path[:-1]))


def grown(old_root, old, new, path, whole=True):
    """Both roots that a consistency proof leads to, by the recursive definition of RFC 6962."""
    if old == new:
        if whole:
            need(path == [], 'a proof is too long')
            return old_root, old_root
        need(len(path) == 1, 'a proof has the wrong length')
        return path[0], path[0]
    need(path, 'a proof is too short')
    k = split(new)
    if old <= k:
        was, now = grown(old_root, old, k, path[:-1], whole)
        return was, node(now, path[-1])
    was, now = grown(old_root, old - k, new - k, path[:-1], False)
    return node(path[-1], was), node(path[-1], now)


def tile_name(level, index, width):
    digits = str(index).zfill(-(-len(str(index)) // 3) * 3)
    groups = [digits[at:at + 3] for at in range(0, len(digits), 3)]
    return 'tile/%d/%s%s' % (level, '/'.join(['x' + group for group in groups[:-1]] + groups[-1:]), '' if width == 256 else '.p/%d' % width)


# --- the pack, FORMAT.md sections 4 and 5 ---

class Pack:
    def __init__(self, path):
        with open(path, 'rb') as file:
            self.raw = file.read()
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            self.names = [entry.filename for entry in entries]
            need(len(set(self.names)) == len(self.names), 'a file is there twice')
            need(sum(entry.file_size for entry in entries) < 2**31, 'too large for this verifier')
            self.files = {entry.filename: archive.read(entry) for entry in entries}
            last = archive.getinfo('signature.note')
            end = last.header_offset + 30 + len(last.filename)
            need(self.raw[last.header_offset:last.header_offset + 4] == b'PK\x03\x04', 'the last file is not where it must be')
            need(self.raw[archive.start_dir:] == self.directory(entries, archive.start_dir), 'the directory is not in its one form')
            self.before_signature = self.raw[:end]

    def directory(self, entries, start):
        """The central directory that these files must have, in a pack too small for zip64."""
        when, records = self.raw[start + 12:start + 16], b''
        for entry in entries:
            need(entry.flag_bits in (0x800, 0x808) and entry.compress_type in (0, 8), 'a file has other flags')
            name = entry.filename.encode('ascii')
            records += struct.pack('<IHHHH', 0x02014B50, 0x033F, 20, entry.flag_bits, entry.compress_type) + when
            records += struct.pack('<IIIHHHHHII', entry.CRC, entry.compress_size, entry.file_size, len(name), 0, 0, 0, 0, 0o100644 << 16, entry.header_offset)
            records += name
        return records + struct.pack('<IHHHHIIH', 0x06054B50, 0, 0, len(entries), len(entries), len(records), start, 0)

    def lines(self, name):
        data = self.files[name]
        need(data == b'' or data.endswith(b'\n'), 'a line is cut off')
        return data.split(b'\n')[:-1]

    def records(self, name, members):
        for line in self.lines(name):
            value = json.loads(line)
            need(list(value) == members, 'a line of %s has other members' % name)
            yield value


def check_saved(text, log, tenant):
    receipt = json.loads(text)
    need(receipt['format'] == 'sallyport-audit-receipt' and receipt['version'] == 1 and receipt['tenant'] == tenant, 'not a receipt for this')
    epoch, size, root = log.checkpoint(receipt['note'], 0)
    head = receipt['head']
    check_head(head, log.origin(epoch) + '/' + tenant, size, root)
    return epoch, size, root, head['size'], b64(head['root'], 32)


def check_head(head, origin, size, root):
    text = '%s\n%d\n%s\n' % (origin, head['size'], head['root'])
    need(included(leaf(text.encode()), head['index'], size, [b64(step, 32) for step in head['path']]) == root, 'a head is not under the root')


def check_epochs(pack, log, manifest, size, root):
    """Last size and root of every epoch that the current one goes on from."""
    ends = {manifest['epoch']: (size, root)}
    epoch = manifest['epoch']
    if epoch == 1:
        return ends
    for record in pack.records('epochs.ndjson', ['epoch', 'record', 'path']):
        need(epoch is not None and record['epoch'] == epoch, 'the epochs are out of order')
        text = log.opened(record['record'], log.origin(epoch), 0)
        head, _, restored, rest = text.split('\n')
        need(head == log.origin(epoch) + '/epoch' and rest == '', 'the record of an epoch is malformed')
        size, root = ends[epoch]
        need(included(leaf(text.encode()), 0, size, [b64(step, 32) for step in record['path']]) == root, 'a record is not leaf 0')
        epoch = None
        if restored != '-':
            before, size, root = log.checkpoint(b64(restored).decode(), 0)
            need(before < record['epoch'], 'an epoch goes on from a later one')
            ends[before], epoch = (size, root), before if before > 1 else None
    need(epoch is None, 'the beginning of an epoch is missing')
    return ends


class Tiles:
    def __init__(self, pack, size):
        self.pack, self.size, self.used = pack, size, set()

    def hash(self, level, index):
        width = min(256, self.size // 256**level - index // 256 * 256)
        name = tile_name(level, index // 256, width)
        self.used.add(name)
        if name not in self.pack.files:
            return None
        data = self.pack.files[name]
        need(len(data) == width * 32, 'a tile has another width')
        return data[index % 256 * 32:][:32]

    def root(self, start, end):
        """Of the leaves in [start, end), from leaf tiles where there are any, else from the tiles above."""
        width = end - start
        if width == 1:
            found = self.hash(0, start)
            need(found is not None, 'a leaf tile is missing')
            return found
        if width == 256 and start % 256 == 0 and self.hash(0, start) is None:
            return self.hash(1, start // 256)
        k = split(width)
        result = node(self.root(start, start + k), self.root(start + k, end))
        level = (width.bit_length() - 1) // 8
        if width == 256**level and start % width == 0:
            need(self.hash(level, start // width) == result, 'a tile does not fit the tiles below')
        return result


def check_events(pack, manifest, first, wanted):
    """Leaf hashes by number, of the events that must be there and no others."""
    openings = {}
    if manifest['openings'] is not None:
        for record in pack.records('openings.ndjson', ['seq', 'salt', 'payload']):
            openings[record['seq']] = sha(b64(record['salt']), b64(record['payload'])).hex()
        need(len(openings) == manifest['openings'], 'payloads are missing')
    lines = pack.lines('events.ndjson')
    need(len(lines) == len(wanted) == manifest['events'], 'there are not as many events as stated')
    hashes = {}
    for seq, line in zip(wanted, lines):
        event = json.loads(line)
        need(event['seq'] == seq and event['tenant'] == manifest['tenant'] and event['v'] == 1, 'event %d is out of place' % seq)
        if seq in openings:
            need(openings.pop(seq) == event['commit'], 'the payload of event %d was changed' % seq)
        if manifest['shows'] == 'range' and not manifest['range']['from'] <= seq < manifest['range']['to']:
            since, until = manifest['filter']['from'], manifest['filter']['to']
            before, after = since is not None and event['at'] < since, until is not None and event['at'] >= until
            need(before if seq < manifest['range']['from'] else after, 'event %d happened in the time and is left out' % seq)
        hashes[seq] = leaf(line)
    need(not openings, 'a payload has no event')
    return hashes


def verify(path, trusted, against):
    pack = Pack(path)
    manifest = json.loads(pack.files['manifest.json'])
    need(manifest['format'] == 'sallyport-audit-pack' and manifest['version'] == 2, 'not a pack of version 2')
    need(json.dumps(manifest, indent=2, ensure_ascii=False) + '\n' == pack.files['manifest.json'].decode(), 'the manifest is not in its one form')
    need(re.fullmatch(r'ten_[A-Za-z0-9_-]{1,80}', manifest['tenant']), 'the tenant is not one')
    if manifest['shows'] == 'range':
        need(list(manifest['filter']) == ['from', 'to'], 'a range is of a time')
        times = [time for time in manifest['filter'].values() if time is not None]
        need(all(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', time) for time in times), 'a time has another form')
    log = Log(manifest, trusted)
    origin, tenant, total = log.origin(manifest['epoch']), manifest['tenant'], manifest['size']
    need(manifest['origin'] == origin, 'the manifest names another log')
    epoch, size, root = log.checkpoint(pack.files['checkpoint.note'].decode(), log.trusted)
    need(epoch == manifest['epoch'], 'the checkpoint is of another epoch')
    ends = check_epochs(pack, log, manifest, size, root)
    heads = list(pack.records('heads.ndjson', ['size', 'root', 'index', 'path']))
    need(len(heads) == manifest['heads'] and heads[-1]['size'] == total, 'heads are missing')
    for head in heads:
        check_head(head, origin + '/' + tenant, size, root)
    whole = b64(heads[-1]['root'], 32)

    saved = None if against is None else check_saved(against, log, tenant)
    is_linked = saved is None or ends.get(saved[0]) == (saved[1], saved[2])
    is_tenant_linked = saved is None or (saved[3], saved[4]) == (total, whole)
    proofs = list(pack.records('consistency.ndjson', ['epoch', 'from', 'root', 'path']))
    need(len(proofs) == manifest['consistency'], 'consistency proofs are missing')
    for proof in proofs:
        old, old_root = proof['from'], b64(proof['root'], 32)
        need(old > 0, 'a consistency proof leads from nothing')
        to_size, to_root = (total, whole) if proof['epoch'] is None else ends[proof['epoch']]
        need(grown(old_root, old, to_size, [b64(step, 32) for step in proof['path']]) == (old_root, to_root), 'a consistency proof fails')
        if saved is not None and (proof['epoch'], old, old_root) == saved[:3]:
            is_linked = True
        if saved is not None and proof['epoch'] is None and (old, old_root) == saved[3:]:
            is_tenant_linked = True
    need(is_linked, 'the log does not continue what was saved')

    shows, span = manifest['shows'], manifest['range']
    if shows == 'selection':
        selected = list(pack.records('proofs.ndjson', ['seq', 'path']))
        wanted = [proof['seq'] for proof in selected]
        need(wanted == sorted(set(wanted)), 'the chosen events are out of order')
        hashes = check_events(pack, manifest, 0, wanted)
        for proof in selected:
            steps = [b64(step, 32) for step in proof['path']]
            need(included(hashes[proof['seq']], proof['seq'], total, steps) == whole, 'event %d is not under the root' % proof['seq'])
    else:
        need((shows == 'whole') == (span is None), 'the manifest contradicts itself')
        first, last = (0, total) if span is None else (max(0, span['from'] - 1), min(total, span['to'] + 1))
        tiles = Tiles(pack, total)
        hashes = check_events(pack, manifest, first, list(range(first, last)))
        for seq, found in hashes.items():
            need(tiles.hash(0, seq) == found, 'event %d was changed' % seq)
        for head in heads:
            need(tiles.root(0, head['size']) == b64(head['root'], 32), 'the events before %d were changed' % head['size'])
        need(set(name for name in pack.names if name.startswith('tile/')) <= tiles.used, 'there is a tile of no tree')
        if saved is not None and shows == 'whole':
            need(saved[3] <= total and tiles.root(0, saved[3]) == saved[4], 'the events saved earlier were changed')
            is_tenant_linked = True
    need(is_tenant_linked, 'the tenant\u2019s events do not continue what was saved')

    listed = ''.join('%s  %s\n' % (hashlib.sha256(pack.files[name]).hexdigest(), name) for name in pack.names[:-2])
    need(pack.names[-2:] == ['SHA256SUMS', 'signature.note'] and pack.files['SHA256SUMS'].decode() == listed, 'a file was changed')
    text, found = signers(pack.files['signature.note'].decode(), origin, log.keys)
    need(found == sorted(set(found)) and found[0] >= 0 and found[-1] >= log.trusted, 'the pack is not signed by the log')
    digests = [base64.b64encode(sha(part)).decode() for part in (listed.encode(), pack.before_signature)]
    need(text == '%s/pack\n%s\n%s\n' % (origin, *digests), 'the pack is not the one that was signed')
    return {'ok': True, 'events': manifest['events'], 'size': total, 'shows': shows}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('pack')
    parser.add_argument('--key')
    parser.add_argument('--against')
    options = parser.parse_args()
    against = None if options.against is None else open(options.against, encoding='utf-8').read()
    sys.setrecursionlimit(10_000)
    try:
        print(json.dumps(verify(options.pack, options.key, against)))
        return 0
    except Exception as failure:  # whatever can not be read or computed is not verified
        print(json.dumps({'ok': False, 'reason': '%s: %s' % (type(failure).__name__, failure)}))
        return 1


sys.exit(main())
