"""Projects with everything in them, for the tests of image projects."""

import numpy as np
import supervisely as sly
from supervisely.geometry.cuboid_2d import Cuboid2d
from supervisely.geometry.graph import GraphNodes, KeypointsTemplate, Node
from supervisely.geometry.multipolygon import Multipolygon
from supervisely.geometry.oriented_bbox import OrientedBBox

SIZE = (120, 160)  # height, width of the images the geometries fit


def mask():
    m = np.zeros((30, 40), dtype=bool)
    m[3:25, 5:38] = True
    m[10:12, 10:20] = False
    return m


def template():
    t = KeypointsTemplate()
    t.add_point(label="nose", row=10, col=20)
    t.add_point(label="tail", row=30, col=60)
    t.add_edge(src="nose", dst="tail")
    return t


def geometries():
    """One geometry of each kind that the SDK can upload, by the shape of its class. (Not the cuboid of
    faces: the SDK makes one, but stumbles over it when it reads or writes annotations.)"""
    point = sly.PointLocation
    corners = [f"face{f}-{side}" for f in (1, 2)
               for side in ("topleft", "topright", "bottomright", "bottomleft")]
    box = dict(zip(corners, [point(10, 10), point(10, 60), point(50, 60), point(50, 10),
                             point(20, 20), point(20, 70), point(60, 70), point(60, 20)]))
    alpha = (mask() * 255).astype(np.uint8)
    alpha[4, 6:20] = 77
    return {
        "rectangle": sly.Rectangle(1, 2, 50, 60),
        "polygon": sly.Polygon([(1, 1), (1, 90), (90, 90)], [[(20, 40), (20, 60), (40, 60)]]),
        "line": sly.Polyline([(0, 0), (10, 20), (119, 159)]),
        "point": sly.Point(33, 44),
        "bitmap": sly.Bitmap(mask(), origin=point(7, 9)),
        "alpha_mask": sly.AlphaMask(alpha, origin=point(17, 19)),
        "graph": GraphNodes([Node(point(11, 22), label="nose"),
                             Node(point(33, 44), label="tail", disabled=True)]),
        "multipolygon": Multipolygon([
            sly.Polygon([(1, 1), (1, 20), (20, 20)]),
            sly.Polygon([(50, 50), (50, 90), (90, 90)], [[(60, 70), (60, 80), (70, 80)]])]),
        "oriented_bbox": OrientedBBox(10, 20, 50, 60, angle=0.5),
        "cuboid_2d": Cuboid2d([Node(p, label=label) for label, p in box.items()]),
    }


def meta():
    """A project's definitions: a class of every shape, a tag of every type."""
    shapes = {name: type(g) for name, g in geometries().items()}
    classes = [sly.ObjClass(f"a {name}", shape,
                            geometry_config=template() if name == "graph" else None)
               for name, shape in shapes.items()]
    classes.append(sly.ObjClass("anything", sly.AnyGeometry))
    kind = sly.TagValueType
    tags = [sly.TagMeta("flag", kind.NONE), sly.TagMeta("number", kind.ANY_NUMBER),
            sly.TagMeta("text", kind.ANY_STRING),
            sly.TagMeta("choice", kind.ONEOF_STRING, possible_values=["small", "größer", "大"]),
            sly.TagMeta("day", kind.DATE)]
    return sly.ProjectMeta(classes, tags)


def annotation(project_meta, size=SIZE):
    """An annotation with an object of every class and tags of every type."""
    tag = {t.name: t for t in project_meta.tag_metas}
    tags = [sly.Tag(tag["flag"]), sly.Tag(tag["number"], 3.5), sly.Tag(tag["text"], "naïve \"quote\""),
            sly.Tag(tag["choice"], "大"), sly.Tag(tag["day"], "2026-01-02T03:04:05.678Z")]
    labels = []
    for name, geometry in geometries().items():
        labels.append(sly.Label(geometry, project_meta.get_obj_class(f"a {name}"),
                                tags=sly.TagCollection(tags[:2]), description=f"of {name}"))
    labels.append(sly.Label(geometries()["polygon"], project_meta.get_obj_class("anything")))
    return sly.Annotation(size, labels, img_tags=sly.TagCollection(tags), img_description="a picture")
