"""Render six photo-like pictures of lemons and kiwi fruits, with ground-truth masks.

    render_fruit.py OUTDIR

A small path tracer on numpy arrays: solids given as distance fields stand on a textured table,
lit by one window and a dim room. Writes the JPEG files, one PNG mask per fruit (its visible
pixels, cropped to its box) and masks.json. Seeded: the same versions make the same pictures.
Lengths are centimetres, z points up, the table is z = 0. Vectors are float32 arrays (3, N).
"""

import argparse
import io
import json
import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: leave other cores alone

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

from fruit_solids import HALF, SLICE, Kiwi, Lemon, Plate, Table  # noqa: E402
from fruit_textures import (  # noqa: E402
    F32,
    dot,
    linen,
    marble,
    rgb,
    slate,
    smooth,
    unit,
    wood,
)

PASSES = 26  # light paths per pixel
R2 = np.array([[0.7548776662], [0.5698402910]])  # steps of the R2 low-discrepancy sequence
MAX_BYTES = 1_250_000  # of the six JPEG files together

# ------------------------------------------------------------------------ scenes and light


def direction(azimuth, elevation):
    """Unit vector towards there, and the horizontal one to the left of it: (3, 1) each."""
    az, el = np.radians(azimuth), np.radians(elevation)
    out = [np.cos(el) * np.cos(az), np.cos(el) * np.sin(az), np.sin(el)]
    return np.array(out, F32)[:, None], np.array([-np.sin(az), np.cos(az), 0], F32)[:, None]


class Scene:
    """The table and what stands on it, the window, and the camera.

    view is (target, distance, azimuth, elevation, angle of the longer side, lens radius); light
    is (azimuth, elevation, key, ambient), both levels as they fall on white paper.
    """

    def __init__(self, name, width, height, things, view, light):
        self.name, self.width, self.height, self.things = name, width, height, things
        target, self.focus, azimuth, elevation, angle, self.lens = view
        back, right = direction(azimuth, elevation)
        self.eye = np.array(target, F32)[:, None] + self.focus * back
        self.axes = np.concatenate([right, np.cross(back, right, axis=0), -back], 1)
        self.pixel = 2 * np.tan(np.radians(angle) / 2) / max(width, height)
        azimuth, elevation, key, ambient = light
        out, self.wide = direction(azimuth, elevation)
        self.wide, self.tall = 42 * self.wide, 52 * np.cross(out, self.wide, axis=0)
        self.window, self.facing = 125 * out, -out
        self.power = rgb("#fff1de")[:, None] * (np.pi * key * 125**2 / out[2])
        self.ambient = rgb("#e2e9fc")[:, None] * ambient

    def rays(self, x, y, u):
        """Camera rays through random points of the pixels and of the lens."""
        px, py = x + u[0, 0] - self.width / 2, self.height / 2 - y - u[0, 1]
        to = np.stack([px * self.pixel, py * self.pixel, np.ones_like(px)]) * self.focus
        angle, radius = 2 * np.pi * u[1, 0], self.lens * np.sqrt(u[1, 1])
        lens = np.stack([radius * np.cos(angle), radius * np.sin(angle), 0 * px])
        return self.eye + self.axes @ lens, unit(self.axes @ (to - lens))

    def trace(self, o, d, skip=None, fuzz=None):
        """First hit: distance, and which thing (-1 = none); rays start on the thing `skip`."""
        depth, who = np.full(o.shape[1], np.inf, F32), np.full(o.shape[1], -1)
        for i, thing in enumerate(self.things):
            limit = depth
            if skip is not None and thing.kind:  # fruits are convex: they never shade themselves
                limit = np.where(skip == i, -1, depth)
            t = thing.hit(thing.rot.T @ (o - thing.center), thing.rot.T @ d, limit, fuzz)
            closer = (t < limit) & (t > 1e-3)
            depth[closer], who[closer] = t[closer], i
        return depth, who

    def surfaces(self, who, p):
        """Colour, bumped normal, true normal, roughness and bleed where rays ended."""
        color, bumped, normal = np.zeros((3, *p.shape), F32)
        rough, bleed = np.zeros((2, who.size), F32)
        for i, thing in enumerate(self.things):
            idx = np.nonzero(who == i)[0]
            if idx.size:
                local = thing.rot.T @ (p[:, idx] - thing.center)
                n = thing.normal(local)
                normal[:, idx] = thing.rot @ n
                color[:, idx], n, rough[idx], bleed[idx] = thing.surface(local, n)
                bumped[:, idx] = thing.rot @ n
        return color, bumped, normal, rough, bleed

    def daylight(self, p, n, skip, u, bleed):
        """Irradiance from a random point of the window; light that bleeds turns warm."""
        to = self.window + self.wide * (2 * u[0] - 1) + self.tall * (2 * u[1] - 1) - p
        reach2 = dot(to, to)
        d = to / np.sqrt(reach2)
        bleed = bleed * np.array([[1.4], [1.05], [0.5]], F32)
        lambert = np.maximum(dot(n, d) + bleed, 0) / (1 + bleed)
        lit = self.trace(p, d, skip)[1] < 0
        return self.power * lambert * (lit * np.maximum(-dot(self.facing, d), 0) / reach2)

    def room(self, o, d, rough):
        """Radiance of the dim room, and of the window as a mirror that rough would blur it."""
        toward = np.maximum(-dot(self.facing, d), 0)
        light = self.ambient * (0.55 + 0.35 * d[2] + 0.9 * toward**3)
        if rough is not None:
            at = o + d * (dot(self.facing, o - self.window) / np.maximum(toward, 1e-3))
            soft = 0.1 + 1.6 * rough
            for side in (self.wide, self.tall):
                across = np.abs(dot(at - self.window, side)) / dot(side, side)
                toward = toward * smooth(1 + soft, 1 - soft, across)
            area = 4 * np.sqrt(dot(self.wide, self.wide) * dot(self.tall, self.tall))
            light = light + self.power / area * ((toward > 0) * toward / (1 + soft))
        return light

    def radiance(self, o, d, u, skip=None, rough=None):
        """One light path per ray: radiance (3, N) and the index of the thing each ray hit.

        Camera rays (skip is None) spawn a diffuse and a mirror ray, and those end where they hit.
        """
        depth, who = self.trace(o, d, skip, u[0, 0] if skip is None else None)
        light = self.room(o, d, rough)
        hit = np.nonzero(who >= 0)[0]
        d, u, ids = d[:, hit], u[:, :, hit], who[hit]
        p = o[:, hit] + d * depth[hit]
        color, n, normal, rough, bleed = self.surfaces(ids, p)
        p += 0.02 * normal
        key = self.daylight(p, n, ids, u[1 if skip is None else 2], bleed) / np.pi
        if skip is not None:
            light[:, hit] = color * (key + 0.4 * self.ambient)
            return light, who
        z, angle = 2 * u[3, 0] - 1, 2 * np.pi * u[3, 1]
        ball = np.stack([np.cos(angle), np.sin(angle), z])
        ball[:2] *= np.sqrt(1 - z * z)
        diffuse = self.radiance(p, unit(n + 0.999 * ball), u, ids)[0]
        facing = np.clip(-dot(n, d), 0, 1)
        mirror = unit(d + 2 * facing * n + 0.25 * rough * ball)
        shine = (0.04 + 0.96 * (1 - facing) ** 5 * (1 - rough) ** 2) * smooth(1.0, 0.6, rough)
        gloss = self.room(p, mirror, rough)
        seen = np.nonzero(shine * gloss[1] > 0.012)[0]  # elsewhere what is mirrored hardly shows
        args = (a[..., seen] for a in (p, mirror, u, ids, rough))
        gloss[:, seen] = self.radiance(*args)[0]
        light[:, hit] = color * (key + diffuse) + shine * gloss
        return light, who

    def expose(self, rows=80):
        """Mean radiance (h, w, 3), and per thing the share of each pixel it covers."""
        shape = self.height, self.width
        image, cover = np.zeros((*shape, 3), F32), np.zeros((len(self.things), *shape), F32)
        for top in range(0, self.height, rows):
            rng = np.random.default_rng(top)
            band = slice(top, min(top + rows, self.height))
            y, x = (g.ravel().astype(F32) for g in np.mgrid[band, 0 : self.width])
            shift = rng.random((5, 2, x.size), dtype=F32)  # per pixel, so that no pattern shows
            order = np.stack([rng.permutation(PASSES) for _ in range(5)])
            for k in range(PASSES):  # R2 sequence: spreads the samples of a pixel evenly
                u = shift + (order[:, k, None, None] * R2).astype(F32)
                u -= np.floor(u)
                light, who = self.radiance(*self.rays(x, y, u[[4, 0]]), u)
                image[band] += np.minimum(light, 12).T.reshape(-1, self.width, 3) / PASSES
                for i, share in enumerate(cover):
                    share[band] += (who == i).reshape(-1, self.width) / PASSES
        return image, cover


def scenes():
    """The six pictures, one at a time: their textures are large."""
    rng = np.random.default_rng

    oak = wood(rng(11), "#cda26c", "#80502a")
    yield Scene("IMG_4451.jpeg", 1600, 1200, [
        Table(oak, 6, 0.3, 0.5),
        Lemon(-6.2, 3.3, 25, 2, 1), Lemon(1.9, 5.9, 160, 4, 2), Lemon(-1.6, -2.6, -75, 36, 3, HALF),
        Kiwi(7.8, 2.8, 60, 2, 4), Kiwi(5.0, -3.2, -62, 34, 5, HALF),
    ], ((0.6, 0.8, 1.6), 30, -86, 37, 44, 0.14), (172, 44, 1.0, 0.36))  # fmt: skip

    cloth = linen(rng(12), "#e9e2d3", "#b9825a", [(36, 0.3), (37.2, 0.3)])
    yield Scene("IMG_3861.jpeg", 1200, 1600, [
        Table(cloth, 24, 0.28, 1.0),
        Lemon(-2.6, 3.4, 70, 3, 11), Kiwi(3.4, 4.6, 120, 2, 12), Kiwi(2.4, -2.4, -60, 66, 13, HALF),
    ], ((0.2, 0.9, 1.2), 25, -100, 56, 45, 0.12), (20, 38, 1.0, 0.38))  # fmt: skip

    yield Scene("IMG_0748.jpeg", 1680, 1260, [
        Table(slate(rng(13)), 0, 0.5, 0.45),
        Lemon(-4.6, 5.0, 200, 3, 21), Kiwi(6.4, 4.6, 20, 3, 22),
        Lemon(-7.6, -0.9, 10, 89, 23, SLICE), Lemon(-3.3, -3.7, -42, 80, 24, SLICE),
        Kiwi(2.2, -3.6, 0, 90, 25, SLICE), Kiwi(5.4, -1.9, 28, 78, 26, SLICE, 0.1),
    ], ((-0.2, 0.4, 0.8), 29, -80, 48, 44, 0.12), (200, 38, 0.95, 0.45))  # fmt: skip

    walnut = wood(rng(14), "#6a4a38", "#33211a")
    yield Scene("IMG_2084.jpeg", 1260, 1680, [
        Table(walnut, 82, 0.3, 0.5), Plate(),
        Lemon(-4.0, 2.9, 80, 3, 31, base=0.75), Lemon(3.4, 4.3, 160, 4, 32, base=0.75),
        Lemon(-2.4, -4.3, -75, 42, 33, HALF, 0.75), Kiwi(3.5, -2.0, -110, 38, 34, HALF, 0.75),
    ], ((0, 0.2, 1.2), 35.5, -95, 48, 46, 0.16), (8, 46, 1.0, 0.36))  # fmt: skip

    yield Scene("IMG_1836.jpeg", 1600, 1200, [
        Table(marble(rng(15)), 50, 0.0, 0.12),
        Kiwi(-4.2, 0.2, 205, 3, 41), Lemon(3.2, 2.2, 15, 2, 42), Kiwi(0.6, -3.8, -74, 38, 43, HALF),
    ], ((-0.2, 0, 1.8), 27, -84, 26, 42, 0.3), (172, 36, 0.95, 0.42))  # fmt: skip

    towel = linen(rng(16), "#efebe2", "#41618a", [(9, 1.1), (12.2, 0.35), (31, 1.1), (34.2, 0.35)])
    yield Scene("IMG_8144.jpeg", 1600, 1200, [
        Table(towel, 97, 0.28, 1.0),
        Lemon(-6.6, 3.4, 130, 2, 51), Lemon(-5.2, -4.2, 20, 3, 52), Kiwi(0.2, 4.8, 80, 2, 54),
        Lemon(6.8, -3.6, -40, 80, 53, HALF), Kiwi(6.4, 4.0, 30, 3, 55),
        Kiwi(1.7, -1.3, 100, 76, 56, HALF), Kiwi(1.5, -6.6, -120, 74, 57, HALF),
    ], ((0, -0.8, 1.0), 33, -90, 74, 44, 0.1), (170, 34, 1.0, 0.38))  # fmt: skip


# ------------------------------------------------------------------------ output


def develop(light):
    """What a phone does: vignette, film curve, a little sensor noise, 8 bits."""
    h, w = light.shape[:2]
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    x = 0.85 * light * (1 - 0.16 * (x**2 + y**2))[..., None]
    film = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    srgb = np.where(film < 0.0031308, 12.92 * film, 1.055 * film ** (1 / 2.4) - 0.055)
    grain = np.random.default_rng(7).normal(0, 0.005, (h, w, 1))
    return Image.fromarray(np.clip((srgb + grain) * 255 + 0.5, 0, 255).astype(np.uint8))


def write_masks(out, scene, cover):
    """One PNG per fruit, cropped to its visible pixels; returns what masks.json says of them.

    Boxes are left, top, right, bottom; right and bottom are exclusive.
    """
    entries = []
    for i, thing in enumerate(scene.things):
        if thing.kind:
            seen = cover[i] > 0.5
            rows, columns = np.nonzero(seen.any(1))[0], np.nonzero(seen.any(0))[0]
            box = [int(v) for v in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)]
            png = f"{Path(scene.name).stem}_{len(entries) + 1}_{thing.kind}.png"
            crop = seen[box[1] : box[3], box[0] : box[2]]
            Image.fromarray(crop.astype(np.uint8) * 255).save(out / png, optimize=True)
            entries.append({"class": thing.kind, "bbox": box, "png": png})
    return entries


def encode(pictures):
    """JPEG bytes per name, at the best common quality that keeps to the budget."""
    for quality in range(95, 40, -1):
        files = {}
        for name, picture in pictures.items():
            data = io.BytesIO()
            picture.save(data, "JPEG", quality=quality, optimize=True, progressive=True)
            files[name] = data.getvalue()
        if sum(map(len, files.values())) <= MAX_BYTES:
            print("quality", quality, "bytes", sum(map(len, files.values())))
            return files


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("outdir", type=Path)
    out = parser.parse_args().outdir
    out.mkdir(parents=True, exist_ok=True)
    pictures, masks = {}, {}
    for scene in scenes():
        light, cover = scene.expose()
        pictures[scene.name] = develop(light)
        masks[scene.name] = write_masks(out, scene, cover)
        print(scene.name, len(masks[scene.name]), "fruits", flush=True)
    for name, data in encode(pictures).items():
        (out / name).write_bytes(data)
    (out / "masks.json").write_text(json.dumps(masks, indent=1) + "\n")


if __name__ == "__main__":
    main()
