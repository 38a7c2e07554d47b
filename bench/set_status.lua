-- wrk: every call changes the status of another job; SHIFT makes each run start with another status at
-- other jobs, so that no call repeats what is there already.
local statuses = {"in_progress", "on_review", "stopped", "pending"}
local jobs = tonumber(os.getenv("JOBS"))
local shift = tonumber(os.getenv("SHIFT"))
local n = 0
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.headers["x-api-key"] = os.getenv("TOKEN")
request = function()
    local id = 1 + ((n + shift * 10000) * 7919) % jobs
    local status = statuses[1 + (shift + math.floor(n / jobs)) % 4]
    n = n + 1
    return wrk.format(nil, nil, nil, '{"id":' .. id .. ',"status":"' .. status .. '"}')
end
