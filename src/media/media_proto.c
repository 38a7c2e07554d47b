/* What each side of the media socket believes of the other: the worker may have been taken over by
 * the file it has just looked at, so nothing of a reply is used unchecked. */
#include "media/media_proto.h"

#include <string.h>

const char *const media_mimes[] = {"image/jpeg", "image/png", "image/webp",
                                   "image/tiff", "image/gif", "image/heif"};
const size_t media_mimes_len = sizeof media_mimes / sizeof media_mimes[0];

static bool is_one_of(const char *text, size_t size, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(list[i]) < size && memcmp(text, list[i], strlen(list[i]) + 1) == 0)
            return true;
    return false;
}

static bool is_plain(const char *text, size_t size)
{
    size_t n = strnlen(text, size);

    for (size_t i = 0; i < n; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    return n > 0 && n < size;
}

bool media_request_ok(const struct media_request *rq)
{
    static const char *const formats[] = {"jpeg", "png", "webp"};

    if (rq->pixels_max < 1)
        return false;
    if (rq->op == MEDIA_PROBE)
        return true;
    return rq->op == MEDIA_RESIZE && rq->width <= MEDIA_SIDE_MAX && rq->height <= MEDIA_SIDE_MAX &&
           rq->method <= 2 && rq->quality >= 1 && rq->quality <= 100 &&
           is_one_of(rq->format, sizeof rq->format, formats, 3);
}

bool media_reply_ok(const struct media_reply *reply, const struct media_request *rq)
{
    if (!reply->ok)
        return is_plain(reply->message, sizeof reply->message);
    if (reply->width < 1 || reply->height < 1 || reply->width > MEDIA_SIDE_MAX ||
        reply->height > MEDIA_SIDE_MAX || reply->width > rq->pixels_max / reply->height)
        return false;
    return is_one_of(reply->mime, sizeof reply->mime, media_mimes, media_mimes_len);
}
