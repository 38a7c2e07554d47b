"""Noise, and the pictures of cut fruits and table tops that render_fruit.py lays on solids."""

import numpy as np

F32 = np.float32
TEX, TEX_CM = 2048, 44.0  # a table texture: texels along it, and centimetres before it repeats
FACE = 1024  # texels across a cut face

# ------------------------------------------------------------------------ colour and vectors


def rgb(code):
    """'#rrggbb' (sRGB) as linear light, shape (3,)."""
    c = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], F32) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4).astype(F32)


def paint(color, over, mask):
    """Lay one colour over another by a mask in 0..1; colours are channels last."""
    return color + (over - color) * mask[..., None]


def dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def unit(v):
    return v / np.sqrt(np.maximum(dot(v, v), 1e-12))


def smooth(lo, hi, x):
    """Smoothstep; falls instead of rising when lo > hi."""
    t = np.clip((x - lo) / (hi - lo), 0, 1)
    return t * t * (3 - 2 * t)


def smooth_min(a, b, k):
    h = np.maximum(k - np.abs(a - b), 0) / k
    return np.minimum(a, b) - h * h * k * 0.25


# ------------------------------------------------------------------------ noise and textures


def noise(rng, shape, beta, stretch=(1, 1, 1)):
    """Periodic 1/f^beta noise, zero mean, unit deviation; stretch elongates it along an axis."""
    axes = [np.fft.fftfreq(n) * n * s for n, s in zip(shape, stretch)]
    axes[-1] = axes[-1][: shape[-1] // 2 + 1]
    freq = np.sqrt(sum(f**2 for f in np.meshgrid(*axes, indexing="ij", sparse=True)))
    freq.flat[0] = np.inf
    spectrum = np.fft.rfftn(rng.standard_normal(shape)) * freq**-beta
    out = np.fft.irfftn(spectrum, shape, range(len(shape)))
    return (out / out.std()).astype(F32)


def pits(rng, voxels=128, cells=16):
    """Solid volume: -1 at scattered points, one per cell, and 0 away from them."""
    axis = (np.arange(voxels, dtype=F32) + 0.5) * cells / voxels
    pos = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"))
    points = rng.random((3, cells, cells, cells), dtype=F32)
    nearest = np.full(pos.shape[1:], 9, F32)
    for shift in np.ndindex(3, 3, 3):
        cell = pos.astype(int) + np.reshape(shift, (3, 1, 1, 1)) - 1
        gap = points[:, cell[0] % cells, cell[1] % cells, cell[2] % cells] + cell - pos
        nearest = np.minimum(nearest, dot(gap, gap))
    return -np.exp(-nearest / 0.09)


def with_slopes(height):
    """A periodic field with its central differences, stacked channels last."""
    slopes = [(np.roll(height, -1, i) - np.roll(height, 1, i)) / 2 for i in range(height.ndim)]
    return np.stack([height, *slopes], -1).astype(F32)


def texture(color, height):
    """What tables and cut faces look up: red, green, blue and two slopes."""
    return np.concatenate([color, with_slopes(height)[..., 1:]], -1, dtype=F32)


def lookup(tex, *coords):
    """(Bi|tri)linear lookup in a periodic texture with power-of-two edges; channels first."""
    flat = tex.reshape(-1, tex.shape[-1])
    floor = [np.floor(c) for c in coords]
    frac = [c - f for c, f in zip(coords, floor)]
    out = 0
    for corner in np.ndindex(*(2,) * len(coords)):
        index, weight = 0, 1
        for up, i, f in zip(corner, floor, frac):
            index = index * len(tex) + ((i.astype(np.int32) + up) & (len(tex) - 1))
            weight = weight * (f if up else 1 - f)
        out = out + flat[index] * weight[..., None]
    return np.ascontiguousarray(np.moveaxis(out, -1, 0), F32)


CLOUD = with_slopes(noise(np.random.default_rng(2), (64, 64, 64), 2.0))
PITS = with_slopes(pits(np.random.default_rng(1)))

# ------------------------------------------------------------------------ cut faces


class Disc:
    """Coordinates of a cut face: x and y in -1..1, radius and angle; and noise on them."""

    def __init__(self, rng):
        self.rng = rng
        self.y, self.x = (np.mgrid[0:FACE, 0:FACE].astype(F32) + 0.5) * (2 / FACE) - 1
        self.r, self.angle = np.hypot(self.x, self.y), np.arctan2(self.y, self.x)

    def streaks(self, beta, stretch, r=None):
        """Noise laid out on (radius, angle), so that it streaks outwards from the centre."""
        field = noise(self.rng, (512, 512), beta, (1, stretch))[..., None]
        r = self.r if r is None else r
        return lookup(field, np.minimum(r, 1.2) * 400, self.angle * (256 / np.pi))[0]

    def drop(self, radius, angle, length, width):
        """Seed pointing to the centre: 1 in its middle, 0 on its outline, negative outside."""
        along = (self.x * np.cos(angle) + self.y * np.sin(angle) - radius) / length
        across = (self.y * np.cos(angle) - self.x * np.sin(angle)) / width
        return 1 - along**2 - (across / (1 + 0.45 * np.clip(along, -1, 1))) ** 2

    def sacs(self, rows=6, across=84):
        """Voronoi cells drawn out along the radius: distance to the borders, tone per cell."""
        points = self.rng.random((3, rows + 3, across), dtype=F32)
        warp = 0.012 * noise(self.rng, self.r.shape, 1.6)
        v = np.clip(self.r + warp, 0, 1) ** 1.3 * rows
        u = ((self.angle + 0.6 * warp) / (2 * np.pi) * across) % across
        first, second, tone = v * 0 + 9, v * 0 + 9, v * 0
        for shift in np.ndindex(3, 3):
            i, j = v.astype(int) + shift[0] - 1, u.astype(int) + shift[1] - 1
            pv, pu, value = points[:, i, j % across]
            d = np.hypot(i + pv - v, j + pu - u)
            tone = np.where(d < first, value, tone)
            first, second = np.minimum(first, d), np.minimum(second, np.maximum(first, d))
        return second - first, tone


def lemon_face(rng):
    """Zest, pith, segments full of juice sacs between thin membranes, a few pips."""
    disc = Disc(rng)
    r, angle, count = disc.r, disc.angle, rng.integers(9, 11)
    cuts = (np.arange(count) + rng.uniform(-0.16, 0.16, count)) * 2 * np.pi / count
    walls = [np.where(np.cos(angle - c) > 0, np.abs(r * np.sin(angle - c)), 9) for c in cuts]
    rind = 0.875 + 0.012 * disc.streaks(1.5, 1, r * 0) - r
    inside = smooth_min(np.min(walls, 0) - 0.002, smooth_min(rind, r - 0.085, 0.08), 0.08)
    pulp = smooth(0.0, 0.02, inside)
    (border, tone), fine, blotch = disc.sacs(), disc.streaks(1.0, 0.14), noise(rng, r.shape, 1.6)
    color = rgb("#f6efcf") * (1 + 0.02 * blotch)[..., None]
    flesh = paint(rgb("#d5ab24"), rgb("#f1dc6e"), smooth(-1.9, 1.9, fine + 1.8 * tone - 0.9))
    flesh = paint(flesh, rgb("#f9efb0"), 0.55 * smooth(0.22, 0.0, border))
    color = paint(color, flesh * (1 + 0.06 * blotch)[..., None], pulp * 0.97)
    height = 5 * pulp * (0.2 + np.sqrt(np.clip(border, 0, 0.5)) + 0.12 * fine)
    middles = cuts + np.diff(cuts, append=cuts[0] + 2 * np.pi) / 2
    pip = np.full_like(r, -9)
    for middle in rng.permutation(middles)[: rng.integers(3, 6)]:
        spot = rng.uniform(0.27, 0.4), middle + rng.uniform(-0.1, 0.1)
        pip = np.maximum(pip, disc.drop(*spot, 0.115, 0.052))
    color = paint(color, rgb("#a9771a"), 0.5 * smooth(-0.7, 0.0, pip))
    shell = paint(rgb("#d8bd7d"), rgb("#f3e6bd"), smooth(0, 0.9, pip))
    color = paint(color, shell, smooth(0.0, 0.12, pip))
    height = np.where(pip > 0, 5 + 14 * np.sqrt(np.maximum(pip, 0)), height)
    color = paint(color, rgb("#f0c62a"), smooth(0.945, 0.972, r))
    return texture(color, height * smooth(0.98, 0.93, r))


def kiwi_face(rng):
    """Thin skin, green flesh with pale rays, a ring of black seeds, cream core."""
    disc = Disc(rng)
    r = disc.r * (1 + 0.02 * disc.streaks(2.0, 1, disc.r * 0))
    count = int(rng.integers(30, 36))
    streak, fine = disc.streaks(1.1, 0.11), disc.streaks(0.6, 0.08)
    blotch = noise(rng, r.shape, 1.5)
    rays = np.cos(count * disc.angle + 0.35 * disc.streaks(1.2, 1, r * 0))
    rays = (0.5 + 0.5 * rays) ** 3
    color = paint(rgb("#a2ba42"), rgb("#5f8a16"), 0.85 * np.exp(-(((r - 0.42) / 0.17) ** 2)))
    color = color * (1 + 0.13 * streak + 0.1 * fine + 0.07 * blotch)[..., None]
    fade = smooth(0.16, 0.26, r) * smooth(0.95, 0.3, r)
    color = paint(color, rgb("#c3d572"), np.clip(rays * fade * (0.62 + 0.2 * streak), 0, 1))
    color = paint(color, rgb("#86a62c"), 0.6 * smooth(0.88, 0.965, disc.r))
    core = 0.205 * (1 + 0.14 * np.cos(2 * disc.angle)) + 0.05 * rays
    pale = paint(rgb("#e9e8bd"), rgb("#d3da8b"), smooth(0.0, 0.22, r))
    color = paint(color, pale * (1 + 0.04 * blotch)[..., None], smooth(core + 0.03, core - 0.04, r))
    height = 0.6 * streak + 0.4 * fine + 0.5 * blotch
    seed = np.full_like(r, -9)
    for k in np.repeat(np.arange(count), rng.choice([0, 1, 1, 1, 2, 2], count)):
        angle = (2 * np.pi * (k + 0.5) + rng.uniform(-0.9, 0.9)) / count
        size = rng.uniform(0.75, 1.1) * np.array([0.043, 0.0195])
        seed = np.maximum(seed, disc.drop(rng.uniform(0.31, 0.46), angle, *size))
    color = paint(color, rgb("#4d6f12"), 0.6 * smooth(-1.4, 0.0, seed))
    color = paint(color, rgb("#1b140c"), smooth(-0.05, 0.25, seed))
    height = np.where(seed > 0, 3 + 9 * np.sqrt(np.maximum(seed, 0)), height)
    color = paint(color, rgb("#6f5330"), smooth(0.976, 0.99, disc.r))
    return texture(color, height * smooth(0.98, 0.93, disc.r))


# ------------------------------------------------------------------------ table tops


def centimetres():
    return np.mgrid[0:TEX, 0:TEX].astype(F32) * (TEX_CM / TEX)


def wood(rng, light, dark, planks=4):
    """Planks, each cut from another piece of the same grain."""
    v, u = centimetres()
    wave = 9 * noise(rng, u.shape, 2.0, (1, 7)) + v * 4.3 + 1.5 * np.sin(v * 0.7)
    rings = (0.5 + 0.5 * np.sin(wave)) ** 2 * (1 + 0.4 * noise(rng, u.shape, 1.0, (1, 25)))
    grain = 0.45 * rings + 0.15 * noise(rng, u.shape, 0.7, (1, 70))
    grain += 0.12 * noise(rng, u.shape, 1.6, (1, 5))
    pores = smooth(1.2, 2.4, noise(rng, u.shape, 0.35, (1, 40)))
    for board in np.array_split(np.arange(TEX), planks):
        shift = rng.integers(TEX)
        pores[board] = np.roll(pores[board], shift, 1)
        grain[board] = np.roll(grain[board], shift, 1) + rng.uniform(-0.12, 0.22)
    color = paint(rgb(light), rgb(dark), np.clip(0.18 + grain, 0, 1.1))
    color = paint(color, 0.4 * rgb(dark), 0.55 * pores)
    seam = np.abs((v + 5) % (TEX_CM / planks) - 5)
    color = paint(color, 0.08 * rgb(dark), smooth(0.13, 0.04, seam))
    return texture(color, -1.2 * pores - 0.4 * grain - 14 * smooth(0.3, 0.03, seam))


def linen(rng, base, stripe, bands=(), threads=484):
    """Plain weave of uneven threads, with soft folds, pressed creases and woven stripes."""
    v, u = centimetres()
    a = u * threads / TEX_CM + 0.5 * noise(rng, u.shape, 1.3, (6, 1))
    b = v * threads / TEX_CM + 0.5 * noise(rng, u.shape, 1.3, (1, 6))
    over = (np.floor(a) + np.floor(b)) % 2 == 1  # which of the two threads passes on top
    a, b = np.abs(np.sin(np.pi * a)), np.abs(np.sin(np.pi * b))
    weave = np.where(over, a * (0.5 + 0.5 * b), b * (0.5 + 0.5 * a))
    yarn = np.where(over, *(noise(rng, u.shape, 0.5, s) for s in ((60, 1), (1, 60))))
    color = rgb(base) * (0.72 + 0.33 * weave + 0.06 * yarn)[..., None]
    for at, half in bands:
        woven = rgb(stripe) * (0.7 + 0.35 * weave)[..., None]
        color = paint(color, woven, 0.85 * smooth(half + 0.03, half - 0.03, np.abs(v - at)))
    folds = 130 * noise(rng, u.shape, 2.9) - 70 * np.abs(noise(rng, u.shape, 2.8, (1, 2)))
    creases = 9 * sum(np.exp(-np.abs(w - 18) / 0.4) for w in (u, v))
    return texture(color, 1.1 * weave + 0.3 * yarn + folds + creases)


def marble(rng):
    """Polished white marble: grey veins where noise crosses zero."""
    cloud = noise(rng, (TEX, TEX), 1.9)
    color = paint(rgb("#ecebe8"), rgb("#c9cbcd"), smooth(-0.5, 2.2, cloud))
    for width, beta, side in ((0.05, 2.1, 1), (0.03, 1.9, -1)):
        vein = np.exp(-np.abs(noise(rng, cloud.shape, beta, (1, 2))) / width)
        color = paint(color, rgb("#868a8f"), 0.85 * vein * smooth(-0.8, 1.2, side * cloud))
    return texture(color, 0 * cloud)


def slate(rng):
    """Split stone: low ledges where noise is quantised, with chalky scuffs."""
    level, rough, dust = (noise(rng, (TEX, TEX), b) for b in (1.8, 1.1, 0.8))
    ledge = np.floor(2.6 * level) + smooth(0.0, 0.12, 2.6 * level % 1)
    color = rgb("#3a3f45") * (1 + 0.1 * rough + 0.08 * level)[..., None]
    color = paint(color, rgb("#7d858b"), 0.3 * smooth(1.2, 3.2, dust + 0.5 * rough))
    return texture(color, 2.2 * ledge + 1.4 * rough + 0.5 * dust)
