/* Coordinates of annotations. The server keeps points of the image plane, where a pixel has a
 * width; the SDK, and its project folders, name whole pixels. The SDK converts whenever it sends or
 * fetches annotations, so whoever reads and writes its folders has to do the same. */
#ifndef LABELCTL_COORDS_H
#define LABELCTL_COORDS_H

#include <jansson.h>

/* Change an annotation ({size, objects, ...}) in place. What has not the shape of a geometry stays
 * as it is: the server, or who reads the file, will say so. */
void coords_to_pixels(json_t *annotation);
void coords_to_plane(json_t *annotation);

#endif
