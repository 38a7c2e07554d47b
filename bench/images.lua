-- wrk: one image after the other. With TOKEN the API's download by id, from FIRST on; without it static
-- files 0.png, 1.png ... COUNT says how many there are.
local token, first, count = os.getenv("TOKEN"), tonumber(os.getenv("FIRST")), tonumber(os.getenv("COUNT"))
local n = 0

function request()
    n = (n + 1) % count
    if token == "" then
        return wrk.format("GET", "/" .. n .. ".png")
    end
    return wrk.format("POST", nil, {["content-type"] = "application/json", ["x-api-key"] = token},
                      '{"id":' .. first + n .. "}")
end
