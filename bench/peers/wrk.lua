-- One POST request for wrk, with a body from a file and, where given, one header line a request from a pool file.
-- Prints one line of JSON at the end, which bench/src/load.ts reads.
local headers = { ["content-type"] = "application/json" }
local body = ""
local pool = {}
local at = 0

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- Arguments: body file, header file (lines "name: value"), pool file or "-", offset into the pool.
function init(args)
  body = read(args[1])
  for line in io.lines(args[2]) do
    local name, value = line:match("^([^:]+): (.*)$")
    headers[name] = value
  end
  if args[3] ~= "-" then
    for line in io.lines(args[3]) do pool[#pool + 1] = line end
    at = tonumber(args[4])
  end
  plain = wrk.format("POST", nil, headers, body)
end

function request()
  if #pool == 0 then return plain end
  at = at + 1
  -- Past the end of the pool the header is missing and the request fails, which is counted: better loud than repeated.
  headers["sallyport-binding"] = pool[at]
  return wrk.format("POST", nil, headers, body)
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\n{"requests":%d,"durationUs":%d,"failed":%d,"p50Us":%d,"p99Us":%d}\n',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
