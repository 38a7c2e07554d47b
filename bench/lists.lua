-- wrk: jobs.list with any page and any filter over a store of a million jobs.
math.randomseed(tonumber(os.getenv("SEED") or "1"))
local first, teams = tonumber(os.getenv("FIRST_TEAM")), tonumber(os.getenv("TEAMS"))
local users = tonumber(os.getenv("FIRST_USER"))
local per_team = tonumber(os.getenv("PER_TEAM"))
local per_page = tonumber(os.getenv("PER_PAGE"))
local function filter(field, operator, value)
    return '{"field":"' .. field .. '","operator":"' .. operator .. '","value":' .. value .. '}'
end
local filters = {
    function() return "" end,
    function() return filter("userId", "=", users + math.random(0, 39)) end,
    function() return filter("createdBy", "=", users + math.random(0, 6)) end,
    function() return filter("reviewerId", "=", users + math.random(0, 10)) end,
    function() return filter("status", "in", '["pending","on_review"]') end,
    function() return filter("status", "!in", '["completed","stopped"]') .. ","
        .. filter("labelingQueueId", "=", "null") .. "," .. filter("createdBy", "=", users + math.random(0, 6)) end,
    function() return filter("name", "=", '"job number ' .. math.random(0, 999999) .. '"') end,
    function(team) return filter("projectId", "=", 2 + 10 * team + math.random(0, 9)) end,
    function(team) return filter("datasetId", "=", 2 + 10 * team + math.random(0, 9)) end,
}
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.headers["x-api-key"] = os.getenv("TOKEN")
request = function()
    local page = math.random(1, math.floor(per_team / per_page))
    local team = math.random(0, teams - 1)
    local body = '{"teamId":' .. (first + team) .. ',"per_page":' .. per_page
        .. ',"page":' .. page .. ',"filter":[' .. filters[math.random(1, #filters)](team) .. ']}'
    return wrk.format(nil, nil, nil, body)
end
