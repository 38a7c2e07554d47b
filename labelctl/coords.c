/* Pixels of the SDK to points of the server, and back; see coords.h. */
#include "coords.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

struct image_size {
    double width, height;
};

static double number_at(const json_t *point, size_t i)
{
    return json_number_value(json_array_get(point, i));
}

static bool is_point(const json_t *point)
{
    return json_array_size(point) >= 2 && json_is_number(json_array_get(point, 0)) &&
           json_is_number(json_array_get(point, 1));
}

/* A whole number is written as one. */
static json_t *number(double value)
{
    return value == floor(value) && fabs(value) < 1e15 ? json_integer((json_int_t)value)
                                                       : json_real(value);
}

static void set_point(json_t *point, double x, double y)
{
    json_array_set_new(point, 0, number(x));
    json_array_set_new(point, 1, number(y));
}

/* ---- points ---- */

/* What is on the right or lower edge belongs to the last pixel. */
static double to_pixel(double value, double edge)
{
    return value == edge ? floor(value) - 1 : floor(value);
}

/* size NULL: to the plane, else to pixels. */
static void move_point(json_t *point, const struct image_size *size)
{
    double x = number_at(point, 0), y = number_at(point, 1);

    if (!is_point(point))
        return;
    if (size)
        set_point(point, to_pixel(x, size->width), to_pixel(y, size->height));
    else
        set_point(point, x + 0.5, y + 0.5);
}

static void move_line(json_t *line, const struct image_size *size)
{
    json_t *point;
    size_t i;

    json_array_foreach (line, i, point)
        move_point(point, size);
}

/* {exterior, interior} */
static void move_area(json_t *area, const struct image_size *size)
{
    json_t *line;
    size_t i;

    move_line(json_object_get(area, "exterior"), size);
    json_array_foreach (json_object_get(area, "interior"), i, line)
        move_line(line, size);
}

static void move_nodes(json_t *nodes, const struct image_size *size)
{
    const char *key;
    json_t *node;

    json_object_foreach(nodes, key, node)
    {
        json_t *loc = json_object_get(node, "loc");

        if (is_point(loc) && size == NULL) /* the middle of the pixel, whatever stood there */
            set_point(loc, floor(number_at(loc, 0)), floor(number_at(loc, 1)));
        move_point(loc, size);
    }
}

/* ---- boxes ---- */

/* The pixel at an edge counts when enough of it is inside. */
static double low_edge(double value)
{
    return value - floor(value) < 0.7 ? floor(value) : ceil(value);
}

static double high_edge(double value)
{
    return value - floor(value) < 0.3 ? floor(value) : ceil(value);
}

static void move_box(json_t *corners, const struct image_size *size)
{
    const json_t *a = json_array_get(corners, 0), *b = json_array_get(corners, 1);
    double left, top, right, bottom;

    if (json_array_size(corners) != 2 || !is_point(a) || !is_point(b))
        return;
    left = fmin(number_at(a, 0), number_at(b, 0));
    right = fmax(number_at(a, 0), number_at(b, 0));
    top = fmin(number_at(a, 1), number_at(b, 1));
    bottom = fmax(number_at(a, 1), number_at(b, 1));
    if (size && trunc(left) == trunc(right) && trunc(top) == trunc(bottom)) {
        left = right = trunc(left);
        top = bottom = trunc(top);
    } else if (size) {
        left = low_edge(left);
        top = low_edge(top);
        right = fmax(left, high_edge(right) - 1);
        bottom = fmax(top, high_edge(bottom) - 1);
    } else {
        right += 1;
        bottom += 1;
    }
    set_point(json_array_get(corners, 0), left, top);
    set_point(json_array_get(corners, 1), right, bottom);
}

/* ---- objects ---- */

static void move_object(json_t *object, const struct image_size *size)
{
    const char *type = json_string_value(json_object_get(object, "geometryType"));
    json_t *points = json_object_get(object, "points"), *part;
    json_t *origin = json_object_get(json_object_get(object, "bitmap"), "origin");
    size_t i;

    if (type && strcmp(type, "rectangle") == 0) {
        move_box(json_object_get(points, "exterior"), size);
        return;
    }
    if (type && strcmp(type, "oriented_bbox") == 0) {
        move_box(points, size);
        return;
    }
    move_area(points, size);
    json_array_foreach (json_object_get(object, "parts"), i, part)
        move_area(part, size);
    if (is_point(origin))
        set_point(origin, floor(number_at(origin, 0)), floor(number_at(origin, 1)));
    move_nodes(json_object_get(object, "nodes"), size);
}

static void move_objects(json_t *annotation, const struct image_size *size)
{
    json_t *object;
    size_t i;

    json_array_foreach (json_object_get(annotation, "objects"), i, object)
        move_object(object, size);
}

void coords_to_pixels(json_t *annotation)
{
    const json_t *size = json_object_get(annotation, "size");
    struct image_size s = {json_number_value(json_object_get(size, "width")),
                           json_number_value(json_object_get(size, "height"))};

    move_objects(annotation, &s);
}

void coords_to_plane(json_t *annotation)
{
    move_objects(annotation, NULL);
}
