/* The only C++ file: asks simdjson whether a text is JSON. */
#include "json/json_check.h"

#include <memory>
#include <simdjson.h>

/* A parser keeps its buffers between calls; one that grew on a big body is not kept. */
static constexpr size_t kept_bytes_max = 256 * 1024;

static thread_local std::unique_ptr<simdjson::dom::parser> parser;

extern "C" const char *json_check(const char *p, size_t n, size_t depth_max)
{
    if (n == 0)
        return "the text is empty";
    try {
        if (!parser)
            parser = std::make_unique<simdjson::dom::parser>();
    } catch (const std::bad_alloc &) {
        return simdjson::error_message(simdjson::MEMALLOC);
    }
    simdjson::error_code error = simdjson::SUCCESS;
    if (parser->capacity() < n || parser->max_depth() != depth_max)
        error = parser->allocate(n, depth_max);
    if (!error)
        error = parser->parse(p, n, false).error();
    if (parser->capacity() > kept_bytes_max)
        parser.reset();
    return error ? simdjson::error_message(error) : nullptr;
}
