/* The instance itself. */
#include "api/api.h"
#include "api/rq.h"

const struct field instance_version_fields[] = {F_END};

/* Asked by every client after its first error: must be cheap and must not fail. */
enum err instance_version(struct rq *rq, const void *input)
{
    (void)input;
    json_obj(&rq->out);
    json_kv_lit(&rq->out, "version", API_VERSION);
    json_obj_end(&rq->out);
    return ERR_OK;
}
