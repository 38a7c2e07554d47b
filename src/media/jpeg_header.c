/* Size and orientation of a JPEG from its first bytes. */
#include "media/jpeg_header.h"

#include <libexif/exif-data.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h> /* needs stdio.h before it */

struct errors {
    struct jpeg_error_mgr mgr; /* first: libjpeg knows only this */
    jmp_buf give_up;
};

static void give_up(j_common_ptr jpeg)
{
    longjmp(((struct errors *)jpeg->err)->give_up, 1);
}

static void say_nothing(j_common_ptr jpeg)
{
    (void)jpeg;
}

/* Warnings, such as that of the input's end: what follows is not known then. */
static void warn(j_common_ptr jpeg, int level)
{
    if (level < 0)
        give_up(jpeg);
}

/* EXIF orientations 5 to 8 lie on their side. */
static bool lies(const struct jpeg_decompress_struct *jpeg)
{
    static const char magic[] = "Exif\0";
    bool lying = false;

    for (const struct jpeg_marker_struct *m = jpeg->marker_list; m; m = m->next) {
        if (m->data_length < sizeof magic || memcmp(m->data, magic, sizeof magic) != 0)
            continue;
        ExifData *exif = exif_data_new_from_data(m->data, m->data_length);
        ExifEntry *e =
            exif ? exif_content_get_entry(exif->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION) : NULL;
        if (e && e->format == EXIF_FORMAT_SHORT && e->size >= 2) {
            int value = exif_get_short(e->data, exif_data_get_byte_order(exif));

            lying = value >= 5 && value <= 8;
        }
        exif_data_unref(exif);
        break;
    }
    return lying;
}

bool jpeg_header(const unsigned char *bytes, size_t n, struct jpeg_size *out)
{
    struct errors errors;
    struct jpeg_decompress_struct jpeg;

    if (n < 3 || bytes[0] != 0xff || bytes[1] != 0xd8 || bytes[2] != 0xff)
        return false;
    jpeg.err = jpeg_std_error(&errors.mgr);
    errors.mgr.error_exit = give_up;
    errors.mgr.output_message = say_nothing;
    errors.mgr.emit_message = warn;
    if (setjmp(errors.give_up)) {
        jpeg_destroy_decompress(&jpeg);
        return false;
    }
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, bytes, n);
    jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 0xffff);
    bool ok = jpeg_read_header(&jpeg, TRUE) == JPEG_HEADER_OK;
    bool lying = ok && lies(&jpeg);
    out->width = lying ? jpeg.image_height : jpeg.image_width;
    out->height = lying ? jpeg.image_width : jpeg.image_height;
    jpeg_destroy_decompress(&jpeg);
    return ok;
}
