-- wrk: the same call again and again. METHOD, BODY and TOKEN come from the environment.
wrk.method = "POST"
wrk.body = os.getenv("BODY")
wrk.headers["content-type"] = "application/json"
wrk.headers["x-api-key"] = os.getenv("TOKEN")
