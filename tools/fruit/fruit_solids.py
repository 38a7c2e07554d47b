"""The solids render_fruit.py traces: table, plate, lemons and kiwi fruits."""

import numpy as np

from fruit_textures import (
    CLOUD,
    F32,
    FACE,
    PITS,
    TEX,
    TEX_CM,
    dot,
    kiwi_face,
    lemon_face,
    lookup,
    paint,
    rgb,
    smooth,
    smooth_min,
    unit,
)

FIBRE = np.array([[150], [150], [38]], F32)  # kiwi hairs lie along the fruit: voxels per cm
HALF, SLICE = (-9, 0.02), (-0.1, 0.1)  # what the knife left of a fruit, see Fruit

# ------------------------------------------------------------------------ solids


def ellipsoid(x, y, z, a, b, c):
    inner = np.sqrt((x / a) ** 2 + (y / b) ** 2 + (z / c) ** 2)
    slope = np.sqrt((x / a**2) ** 2 + (y / b**2) ** 2 + (z / c**2) ** 2)
    return inner * (inner - 1) / np.maximum(slope, 1e-6)


class Solid:
    """Something with a distance field, in local coordinates; world = rot @ local + center.

    It lies within the ellipsoid of radii `bound`, and within the range `keep` of local z.
    """

    kind, fuzz, rot, center = None, 0.0, np.eye(3, dtype=F32), np.zeros((3, 1), F32)

    def limits(self, o, d):
        """Where local rays enter and leave the bounding ellipsoid and the slab."""
        so, sd = o / self.bound, d / self.bound
        a, b, c = dot(sd, sd), dot(so, sd), dot(so, so) - 1
        root = np.sqrt(np.maximum(b * b - a * c, 0))
        z0, z1 = ((z - o[2]) / np.where(d[2] == 0, 1e-6, d[2]) for z in self.keep)
        near = np.maximum((-b - root) / a, np.minimum(z0, z1))
        far = np.minimum((-b + root) / a, np.maximum(z0, z1))
        return np.maximum(near, 0), np.where(root > 0, far, -1)

    def march(self, o, d, near, far, swell, steps=24):
        """Distance along local rays to the surface grown by `swell`; inf where missed."""
        found = np.full(near.shape, np.inf, F32)
        live, t = np.arange(near.size), near
        for _ in range(steps):
            gap = self.sdf(o[:, live] + d[:, live] * t) - swell[live]
            done = gap < 0.004
            found[live[done]] = t[done]
            t = t + gap
            going = ~done & (t < far[live])
            live, t = live[going], t[going]
            if not live.size:
                break
        return found

    def hit(self, o, d, limit, fuzz):
        """Distance along local rays, inf where missed or beyond the limit."""
        near, far = self.limits(o, d)
        idx = np.nonzero((near < far) & (near < limit))[0]
        o, d, near, far = o[:, idx], d[:, idx], near[idx], far[idx]
        t = self.march(o, d, near, far, np.zeros_like(near))
        if fuzz is not None and self.fuzz:  # a random layer of the coat per ray: half-covered
            shell = self.march(o, d, near, far, fuzz[idx] * self.fuzz)
            out = np.nonzero(np.isfinite(shell))[0]
            out = out[self.hairs(o[:, out] + d[:, out] * shell[out], fuzz[idx[out]])]
            t[out] = shell[out]
        found = np.full(limit.shape, np.inf, F32)
        found[idx] = t
        return found

    def normal(self, p):
        corners = np.array([(1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)], F32)[..., None]
        return unit(sum(k * self.sdf(p + k * 0.01) for k in corners))


class Table(Solid):
    """The plane z = 0 with a texture turned by some degrees."""

    def __init__(self, tex, turn, relief, rough):
        self.tex, self.relief, self.rough = tex, relief, rough
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        self.rot = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], F32)

    def hit(self, o, d, limit, fuzz):
        return np.where(d[2] < -1e-5, -o[2] / np.minimum(d[2], -1e-5), np.inf)

    def normal(self, p):
        return np.zeros_like(p) + np.array([[0], [0], [1]], F32)

    def surface(self, p, n):
        texel = lookup(self.tex, *(p[1::-1] * (TEX / TEX_CM) + 900))
        slope = self.relief * np.stack([texel[4], texel[3], 0 * texel[3]])
        return texel[:3], unit(n - slope), self.rough, 0.0


class Plate(Solid):
    """Shallow stoneware plate with a raised, painted rim."""

    bound, keep = np.full((3, 1), 12, F32), (0.2, 2.8)

    def sdf(self, p):
        r = np.hypot(p[0], p[1])
        rise = 0.55 + 1.5 * smooth(5.8, 10.6, r) * np.clip((r - 5.3) / 5, 0, 1.2)
        return np.maximum(np.abs(p[2] - rise) * 0.85 - 0.2, r - 10.4) * 0.8

    def surface(self, p, n):
        r = np.hypot(p[0], p[1]) + 0.04 * lookup(CLOUD, *(p * 9))[0]
        color = paint(rgb("#dcdad2"), rgb("#3f5f86"), 0.9 * smooth(0.2, 0.1, np.abs(r - 9.9)))
        return color.T, n, 0.12, 0.0


class Fruit(Solid):
    """A fruit lying on the table; local z runs from its stem to its tip.

    tilt lifts that axis (90 = upright); knife is what was kept, as a range of local z in half
    lengths: HALF has its face towards the tip.
    """

    def __init__(self, x, y, yaw, tilt, seed, knife=(-9, 9), base=0.0):
        self.rng, self.seed = np.random.default_rng(seed), seed
        self.radii = self.size * self.rng.uniform(0.97, 1.04)
        self.phase = self.rng.uniform(0, 6.3, (3, 1)).astype(F32)
        self.keep = np.array(knife, F32) * self.radii[2]
        self.face = self.make_face(self.rng) if max(knife) < 9 else None
        yaw, tilt, spin = np.radians(yaw), np.radians(tilt), self.rng.uniform(0, 6.3)
        side = np.array([-np.sin(yaw), np.cos(yaw), 0])
        axis = np.array([np.cos(tilt) * side[1], -np.cos(tilt) * side[0], np.sin(tilt)])
        turn = side * np.cos(spin) + np.cross(axis, side) * np.sin(spin)
        self.rot = np.stack([turn, np.cross(axis, turn), axis], 1).astype(F32)
        rim = self.outline()
        reach = np.sqrt(((rim.T / self.radii) ** 2).sum(1).max()) * 1.01
        self.bound = (self.radii * reach + self.fuzz)[:, None].astype(F32)
        self.center = np.array([x, y, base - (self.rot @ rim)[2].min()], F32)[:, None]

    def outline(self):
        """Many points of the surface, found by marching outwards from within."""
        middle = np.zeros((3, 1), F32)
        middle[2] = np.clip(self.keep, -self.radii[2], self.radii[2]).mean()
        way = unit(np.random.default_rng(0).standard_normal((3, 20000)).astype(F32))
        reach = np.zeros(way.shape[1], F32)
        for _ in range(40):
            reach -= 0.8 * self.sdf(middle + way * reach)
        return middle + way * reach

    def uncut(self, p):
        """Distance to the whole fruit; a few slow waves keep it from looking turned on a lathe."""
        return self.body(*p) + 0.018 * self.radii[0] * np.sin(p * 1.1 + self.phase).sum(0)

    def sdf(self, p):
        knife = np.maximum(p[2] - self.keep[1], self.keep[0] - p[2])
        return np.maximum(self.uncut(p), knife)

    def hairs(self, p, height):
        """Is there hair at this height (0..1) over the skin? They lean along the axis."""
        root = p - (unit(p) + np.array([[0], [0], [2]], F32)) * height * self.fuzz
        hair = lookup(PITS, *(root * FIBRE))[0] < -0.15 - 0.7 * height
        return hair & (p[2] < self.keep[1] - 0.02) & (p[2] > self.keep[0] + 0.02)

    def surface(self, p, n):
        """Colour, bumped normal, roughness, and how far light bleeds past the terminator."""
        color, bump, rough, bleed = self.skin(p, lookup(CLOUD, *(p * 9 + self.seed * 17)))
        color, n = color.T.copy(), unit(n - (bump - dot(bump, n) * n))
        rough, bleed = (np.full(p.shape[1], k, F32) for k in (rough, bleed))
        cut = (p[2] > self.keep[1] - 0.015) | (p[2] < self.keep[0] + 0.015)
        if cut.any():
            q, side = p[:, cut], np.where(p[2, cut] > self.keep.mean(), 1, -1)
            r = np.hypot(q[0], q[1])
            gap = np.minimum(self.uncut(q), -0.01)  # the picture's rim follows the real outline
            r = FACE / 2 / (r - gap)
            texel = lookup(self.face, q[1] * r + FACE / 2, q[0] * r + FACE / 2)
            color[:, cut], rough[cut], bleed[cut] = texel[:3], 0.2, 0.35
            n[:, cut] = unit(np.stack([-0.3 * texel[4], -0.3 * texel[3], side]))
        return color, n, rough, bleed


class Lemon(Fruit):
    kind, size, make_face = "lemon", np.array([2.8, 2.72, 3.55]), staticmethod(lemon_face)

    def body(self, x, y, z):
        a, b, c = self.radii
        tip = ellipsoid(x + 0.3, y, z - 0.98 * c, 0.27 * a, 0.27 * a, 0.4 * a)
        stem = ellipsoid(x, y, z + 0.95 * c, 0.32 * a, 0.32 * a, 0.24 * a)
        body = smooth_min(ellipsoid(x + 0.012 * z * z, y, z, a, b, c), tip, 0.55 * a)
        return smooth_min(body, stem, 0.35 * a)

    def skin(self, p, cloud):
        pores = lookup(PITS, *(p * 62 + self.seed))
        color = paint(rgb("#e6b316"), rgb("#f4cc2c"), smooth(-2, 2, cloud[0]))
        ends = smooth(0.8, 1.25, np.abs(p[2]) / self.radii[2]) * smooth(-1, 1.5, cloud[0])
        color = paint(color, rgb("#c3bc3a"), 0.45 * ends) * (1 + 0.22 * pores[0])[:, None]
        scar = np.hypot(p[0], p[1]) / 0.36 + 0.12 * cloud[0] + 9 * (p[2] > 0)
        color = paint(color, rgb("#7d7436"), smooth(1.1, 0.8, scar))
        color = paint(color, rgb("#4a3a1e"), smooth(0.55, 0.3, scar))
        return color, 0.9 * pores[1:] + 0.06 * cloud[1:], 0.27, 0.3


class Kiwi(Fruit):
    kind, size, make_face = "kiwi", np.array([2.45, 2.3, 3.15]), staticmethod(kiwi_face)
    fuzz = 0.11

    def body(self, x, y, z):
        a, b, c = self.radii
        nub = ellipsoid(x, y, z + c, 0.25, 0.25, 0.13)
        return smooth_min(ellipsoid(x, y, z, a - 0.6, b - 0.6, c - 0.6) - 0.6, nub, 0.3)

    def skin(self, p, cloud):
        fibre = lookup(PITS, *((p + 3) * FIBRE))
        color = paint(rgb("#524127"), rgb("#816c44"), smooth(-2.2, 2.2, cloud[0]))
        hair = np.clip(self.sdf(p) / 0.03, 0, 1) - 0.35 * fibre[0]  # 1 above the skin
        color = paint(color, rgb("#b39458"), 0.75 * hair)
        ends = np.hypot(p[0], p[1]) / 0.42 + 0.15 * cloud[0]
        color = paint(color, rgb("#2c2013"), smooth(1.1, 0.6, ends))
        return color, 0.12 * cloud[1:] - 0.5 * fibre[1:], 0.8, 0.15
