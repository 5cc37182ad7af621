-- wrk: send the requests of a file in their order on all connections, and print what came of it as one line of JSON.
-- Arguments: the file (whole HTTP requests, each ended by a zero byte), "once" or "again" (from the start again), for how
-- many seconds, and the number of connections. Every request that was sent is waited for.
local ffi = require("ffi")
ffi.cdef([[
   typedef struct { long seconds, us; } instant;
   int gettimeofday(instant *now, void *zone);
   int getpid(void);
   int kill(int process, int signal);
]])
local SIGINT = 2

local function now_us()
   local now = ffi.new("instant")
   ffi.C.gettimeofday(now, nil)
   return tonumber(now.seconds) * 1e6 + tonumber(now.us)
end

local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init(args)
   requests, sent, done_with, shown = {}, 0, 0, false
   again, seconds, connections = args[2] == "again", tonumber(args[3]), tonumber(args[4])
   local file = assert(io.open(args[1], "rb"))
   for request in file:read("*a"):gmatch("([^%z]+)") do
      table.insert(requests, request)
   end
   file:close()
end

function request()
   if not shown then  -- wrk looks at one before it begins, and does not send it
      shown = true
      return requests[1]
   end
   local now = now_us()
   began_us = began_us or now
   if now > began_us + seconds * 1e6 or (sent == #requests and not again) then
      done_with = done_with + 1  -- a connection asks for its next request when its last one is answered
      if done_with == connections then
         ended_us = now
         wrk.thread:stop()
         ffi.C.kill(ffi.C.getpid(), SIGINT)  -- wakes wrk, which else sleeps until its own time is up
      end
      return ""
   end
   sent = sent % #requests + 1
   return requests[sent]
end

function done(summary, latency)
   local errors, ended_us = summary.errors, threads[1]:get("ended_us")
   local took_us = ended_us and ended_us - threads[1]:get("began_us") or summary.duration
   io.write(string.format(
      '{"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p95_ms": %.3f, "p99_ms": %.3f, "errors": %d}\n',
      summary.requests, took_us / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
      latency:percentile(99) / 1e3, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
