/* The media protocol: a worker that was taken over answers with any bytes. What passes the check
 * may be shown to people and stored. The first bytes are the request, the rest is the reply. */
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "media/media_proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct media_request rq;
    struct media_reply reply;

    if (size != sizeof rq + sizeof reply)
        return 0;
    memcpy(&rq, bytes, sizeof rq);
    memcpy(&reply, bytes + sizeof rq, sizeof reply);
    if (!media_request_ok(&rq))
        return 0;
    MUST(rq.op == MEDIA_PROBE ||
         (rq.op == MEDIA_RESIZE && strnlen(rq.format, sizeof rq.format) < 5));
    if (!media_reply_ok(&reply, &rq))
        return 0;
    if (reply.ok) {
        MUST(reply.width > 0 && reply.height > 0);
        MUST(reply.width * reply.height <=
             rq.pixels_max); /* no overflow: checked by the sanitizer */
        MUST(memchr(reply.mime, '\0', sizeof reply.mime) != NULL);
        MUST(strncmp(reply.mime, "image/", 6) == 0);
    } else {
        MUST(memchr(reply.message, '\0', sizeof reply.message) != NULL);
        MUST(!str_has_control(str_from(reply.message)) && str_is_utf8(str_from(reply.message)));
    }
    return 0;
}
