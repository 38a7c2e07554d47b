/* liblabel: a client of labeld, with one function for each call of the Python SDK. Link with
 * -llabel.
 *
 *     struct label_api *api;
 *     struct label_job_list *jobs;
 *     struct label_error error;
 *
 *     if (label_open_from_env(&api, &error) != LABEL_OK ||
 *         label_job_get_list(api, team_id, NULL, &jobs, &error) != LABEL_OK)
 *         errx(1, "%s", error.message);
 *     for (size_t i = 0; i < jobs->n; i++)
 *         puts(jobs->items[i].name);
 *     label_free(jobs);
 *     label_close(api);
 *
 * Functions are named after the SDK's: api.labeling_job.get_list() is label_job_get_list(). */
#ifndef LABEL_LABEL_H
#define LABEL_LABEL_H

#include <label/base.h>
#include <label/data.h>
#include <label/job.h>
#include <label/people.h>

#endif
