"""Records how a real aiohttp 3.12.14 server answers raw bytes: python record_aiohttp.py > aiohttp-wire.json

Every case is a list of pieces to send (with pauses between them so that they arrive as separate reads). Kept of each:
the bytes that came back (Date values blanked), whether the connection stayed open, and what was logged. The handlers
have twins of the same behaviour in TwinApplication.swift.
"""
import asyncio, base64, gzip, json, logging, re, socket, sys, threading, time, zlib
from aiohttp import web

lines = []

class Keep(logging.Handler):
    def emit(self, record):
        # stderr shows what is not UTF-8 with a backslash
        entry = [record.levelname, record.getMessage().encode(errors="backslashreplace").decode()]
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            module = type(error).__module__
            name = type(error).__qualname__ if module == "builtins" else f"{module}.{type(error).__qualname__}"
            entry.append(f"{name}: {error}" if str(error) else name)
        lines.append(entry)

logging.getLogger().addHandler(Keep())
logging.getLogger().setLevel(logging.INFO)

def reply(value, **more):
    return web.json_response(value, **more)

async def hello(request): return reply({"ok": True})
async def fail(request): raise ValueError("boom")
async def item(request): return reply({"name": request.match_info["name"], "path": request.path})
async def query(request): return reply({"q": request.query.get("q"), "all": [list(p) for p in request.query.items()]})
async def echo(request):
    try:
        return reply({"got": await request.json()})
    except Exception as error:
        return reply({"error": str(error)}, status=400)
async def size(request): return reply({"n": len(await request.read())})
async def ignore(request): return reply({"noread": 1})
async def redirect(request): raise web.HTTPFound("/x?y=1")
async def html(request): return web.Response(text="<p>hi</p>", content_type="text/html")
async def text(request): return web.Response(text="hi", headers={"X-A": "1"})
async def custom(request): return reply({"error": "u"}, status=401, headers={"X-B": "2"})
async def nothing(request): return web.Response(status=204)
async def timeout(request): raise asyncio.TimeoutError()
async def header(request): return reply({"h": request.headers.get("X-T"), "all": request.headers.getall("X-T", [])})
async def pieces(request):
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"abc")
    await response.write(b"defg")
    await response.write_eof()
    return response

def application():
    app = web.Application()
    add = app.router
    for path, handler in [
        ("/hello", hello), ("/err", fail), ("/item/{name}", item), ("/item/{name}/x", item), ("/q", query),
        ("/redir", redirect), ("/html", html), ("/text", text), ("/custom", custom), ("/empty", nothing),
        ("/timeout", timeout), ("/hdr", header), ("/chunked", pieces), ("/both", hello), ("/", hello),
    ]:
        add.add_get(path, handler)
    for path, handler in [("/echo", echo), ("/raw", size), ("/noread", ignore), ("/both", hello), ("/item/special", hello)]:
        add.add_post(path, handler)
    return app

def post(path, coding, body):
    return b"POST %s HTTP/1.1\r\nContent-Length: %d\r\nContent-Encoding: %s\r\n\r\n" % (path, len(body), coding) + body

def get(target, *headers, version=b"HTTP/1.1", method=b"GET"):
    return b" ".join([method, target, version]) + b"\r\n" + b"".join(h + b"\r\n" for h in headers) + b"\r\n"

def cases():
    plain = b'{"a":1}'
    bare = zlib.compressobj(wbits=-15)
    bare = bare.compress(plain) + bare.flush()
    packed, deflated = gzip.compress(plain, mtime=0), zlib.compress(plain)
    c = {}
    c["hello"] = [get(b"/hello", b"Host: a")]
    c["1.0"] = [get(b"/hello", version=b"HTTP/1.0")]
    c["1.0 keep-alive"] = [get(b"/hello", b"Connection: keep-alive", version=b"HTTP/1.0")]
    c["0.9"] = [b"GET /hello\r\n\r\n"]
    c["2.0"] = [get(b"/hello", version=b"HTTP/2.0")]
    c["close"] = [get(b"/hello", b"Connection: close")]
    c["head"] = [get(b"/hello", method=b"HEAD")]
    c["404"] = [get(b"/nope")]
    c["404 head"] = [get(b"/nope", method=b"HEAD")]
    c["405"] = [get(b"/hello", method=b"POST")]
    c["405 both"] = [get(b"/both", method=b"PUT")]
    c["options"] = [get(b"/echo", method=b"OPTIONS")]
    c["options star"] = [get(b"*", method=b"OPTIONS")]
    c["error"] = [get(b"/err")]
    c["error html"] = [get(b"/err", b"Accept: text/html")]
    c["error head"] = [get(b"/err", method=b"HEAD")]
    c["bad method"] = [get(b"/hello", method=b"FOO")]
    c["tls"] = [b"\x16\x03\x01\x02\x00\x01\x00'\"\\x"]
    c["bad version"] = [get(b"/hello", version=b"HTTP/9.9")]
    c["bad header name"] = [get(b"/hello", b"Bad Header: x")]
    c["no colon"] = [get(b"/hello", b"foo")]
    c["quotes"] = [get(b"/hello", b"it's\tx")]
    c["both quotes"] = [get(b"/hello", b"it's\"\\ x")]
    c["long target"] = [get(b"/" + b"a" * 9000)]
    c["longest target"] = [get(b"/" + b"a" * 8189)]
    c["long value"] = [get(b"/hello", b"X: " + b"a" * 9000)]
    c["longest value"] = [get(b"/hello", b"X: " + b"a" * 8190)]
    c["long name"] = [get(b"/hello", b"a" * 9000 + b": x")]
    c["name after name"] = [get(b"/hello", b"a" * 5000 + b": x", b"b" * 5000 + b": x")]
    c["bad length"] = [get(b"/echo", b"Content-Length: abc", method=b"POST")]
    c["length and chunked"] = [get(b"/echo", b"Content-Length: 3", b"Transfer-Encoding: chunked", method=b"POST") + b"0\r\n\r\n"]
    c["two lengths"] = [get(b"/echo", b"Content-Length: 2", b"Content-Length: 2", method=b"POST") + b"{}"]
    c["bad chunk"] = [get(b"/echo", b"Transfer-Encoding: chunked", method=b"POST") + b"zz\r\n"]
    c["bad chunk later"] = [get(b"/echo", b"Transfer-Encoding: chunked", method=b"POST"), b"zz\r\n"]
    c["chunked body"] = [get(b"/echo", b"Transfer-Encoding: chunked", method=b"POST") + b"2\r\n{}\r\n0\r\n\r\n"]
    c["chunked in pieces"] = [get(b"/echo", b"Transfer-Encoding: chunked", method=b"POST") + b"1", b"\r\n{\r", b"\n1;x=y\r\n}\r\n0\r\n\r\n"]
    c["chunked 1.0"] = [get(b"/echo", b"Transfer-Encoding: chunked", method=b"POST", version=b"HTTP/1.0") + b"2\r\n{}\r\n0\r\n\r\n"]
    c["bad transfer-encoding"] = [get(b"/echo", b"Transfer-Encoding: gzip", method=b"POST")]
    c["trailer"] = [get(b"/echo", b"Transfer-Encoding: chunked", method=b"POST") + b"2\r\n{}\r\n0\r\nX-T: trail\r\n\r\n" + get(b"/hdr")]
    c["expect"] = [get(b"/echo", b"Content-Length: 2", b"Expect: 100-continue", method=b"POST"), b"{}"]
    c["expect unknown"] = [get(b"/echo", b"Content-Length: 2", b"Expect: foo", method=b"POST"), b"{}"]
    c["expect 404"] = [get(b"/nope", b"Content-Length: 2", b"Expect: 100-continue", method=b"POST"), b"{}"]
    c["expect 1.0"] = [get(b"/echo", b"Content-Length: 2", b"Expect: 100-continue", method=b"POST", version=b"HTTP/1.0"), b"{}"]
    c["br"] = [post(b"/echo", b"BR", b"{}")]
    c["broken gzip"] = [post(b"/echo", b"gzip", b"{}")]
    c["broken gzip uncaught"] = [post(b"/raw", b"gzip", b"{}")]
    c["broken gzip unread"] = [post(b"/noread", b"gzip", b"{}")]
    c["bare deflate that ends early"] = [post(b"/echo", b"deflate", b"{}")]
    c["gzip"] = [post(b"/echo", b"GZip", packed)]
    c["gzip in pieces"] = [post(b"/echo", b"gzip", packed)[:-15], post(b"/echo", b"gzip", packed)[-15:]]
    c["deflate"] = [post(b"/echo", b"deflate", deflated)]
    c["bare deflate"] = [post(b"/echo", b"Deflate", bare)]
    c["gzip cut"] = [post(b"/echo", b"gzip", packed[:-10])]
    c["deflate cut"] = [post(b"/echo", b"deflate", deflated[:-6])]
    c["deflate cut later"] = [post(b"/echo", b"deflate", deflated[:-6])[:-3], post(b"/echo", b"deflate", deflated[:-6])[-3:]]
    c["gzip with more behind"] = [post(b"/echo", b"gzip", packed + b"junk")]
    c["gzip twice"] = [post(b"/echo", b"gzip", packed + packed)]
    c["x-gzip"] = [post(b"/echo", b"x-gzip", packed)]
    c["identity"] = [post(b"/echo", b"identity", b"{}")]
    c["gzip of nothing"] = [post(b"/echo", b"gzip", b"")]
    c["bomb"] = [post(b"/echo", b"gzip", gzip.compress(b"[" + b" " * 3000000, mtime=0))]
    c["pipelined"] = [get(b"/hello") + get(b"/text")]
    c["pipelined bad"] = [get(b"/hello") + b"BAD\r\n\r\n"]
    c["bad later"] = [get(b"/hello"), b"BAD /\r\n\r\n"]
    c["close and more"] = [get(b"/hello", b"Connection: close") + b"GARBAGE"]
    c["unread body and next"] = [get(b"/noread", b"Content-Length: 4", method=b"POST") + b"abcd" + get(b"/hello")]
    c["item"] = [get(b"/item/a%20b%2Fc%25d+e")]
    c["item with bad escapes"] = [get(b"/item/%ff%zz%c3%a9")]
    c["item slash"] = [get(b"/item/a/")]
    c["item empty"] = [get(b"/item/")]
    c["item braces"] = [get(b"/item/%7Bx%7D")]
    c["item x"] = [get(b"/item/a/x")]
    c["item special"] = [get(b"/item/special")]
    c["item special post"] = [get(b"/item/special", method=b"POST")]
    c["item special put"] = [get(b"/item/special", method=b"PUT")]
    c["item post"] = [get(b"/item/other", method=b"POST")]
    c["slash behind"] = [get(b"/hello/")]
    c["two slashes"] = [get(b"//hello")]
    c["encoded path"] = [get(b"/%68ello")]
    c["encoded slash"] = [get(b"%2Fhello")]
    c["query"] = [get(b"/q?q=a+b%20c%ff&q=2&z&=1&y=%E4%BD%A0;x=1#frag")]
    c["query empty"] = [get(b"/q?")]
    c["query twice"] = [get(b"/q??q=1")]
    c["query of pluses"] = [get(b"/q?q=%2B+%26%3D&&q")]
    c["hash behind mark"] = [get(b"/q?#q=1")]
    c["fragment"] = [get(b"/q#a?q=1")]
    c["absolute"] = [get(b"http://ex.com/q?q=1")]
    c["absolute root"] = [get(b"http://ex.com")]
    c["star"] = [get(b"*")]
    c["connect"] = [get(b"a:80", method=b"CONNECT")]
    c["upgrade h2c"] = [get(b"/hello", b"Connection: Upgrade", b"Upgrade: h2c")]
    c["upgrade websocket"] = [get(b"/hello", b"Connection: Upgrade", b"Upgrade: websocket")]
    c["utf-8 target"] = [get("/q?q=é".encode())]
    c["utf-8 header"] = [get(b"/hdr", "X-T: é".encode(), "User-Agent: é".encode(), b"Referer: r")]
    c["byte in agent"] = [get(b"/hello", b"User-Agent: a\xffb")]
    c["header twice"] = [get(b"/hdr", b"X-T: 1", b"x-t: 2")]
    c["header blanks"] = [get(b"/hdr", b"X-T:   a b  ")]
    c["folded header"] = [get(b"/hdr", b"X-T: a", b" b")]
    c["old websocket"] = [get(b"/hello", b"Sec-WebSocket-Key1: x")]
    c["redirect"] = [get(b"/redir")]
    c["html"] = [get(b"/html")]
    c["text"] = [get(b"/text")]
    c["custom"] = [get(b"/custom")]
    c["no content"] = [get(b"/empty")]
    c["timeout"] = [get(b"/timeout")]
    c["stream"] = [get(b"/chunked")]
    c["stream 1.0"] = [get(b"/chunked", version=b"HTTP/1.0")]
    c["line feeds"] = [b"GET /hello HTTP/1.1\n\n"]
    c["blank lines first"] = [b"\r\n\r\n" + get(b"/hello")]
    c["in pieces"] = [b"GET /hel", b"lo HTTP/1.1\r\nX-", b"A: b\r\n\r\n"]
    c["latin-1"] = [get(b"/echo", b"Content-Type: text/plain; charset=latin-1", b"Content-Length: 3", method=b"POST") + b"\"\xe9\""]
    c["unknown charset"] = [get(b"/echo", b"Content-Type: text/plain; charset=nope", b"Content-Length: 2", method=b"POST") + b"{}"]
    c["not utf-8"] = [get(b"/echo", b"Content-Length: 2", method=b"POST") + b"\xff\xff"]
    c["get with body"] = [get(b"/hello", b"Content-Length: 2") + b"{}"]
    return c

def talk(port, pieces):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for index, piece in enumerate(pieces):
        if index:
            time.sleep(0.15)
        connection.sendall(piece)
    connection.settimeout(0.7)
    answer, end = b"", "open"
    try:
        while True:
            piece = connection.recv(65536)
            if not piece:
                end = "closed"
                break
            answer += piece
    except socket.timeout:
        pass
    except ConnectionResetError:
        end = "closed"
    connection.close()
    return answer, end

def main():
    ready, ports = threading.Event(), []
    async def serve():
        runner = web.AppRunner(application())
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        ports.append(site._server.sockets[0].getsockname()[1])
        ready.set()
        await asyncio.Event().wait()
    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    ready.wait()
    out = []
    for name, pieces in cases().items():
        lines.clear()
        answer, end = talk(ports[0], pieces)
        time.sleep(0.1)
        answer = re.sub(rb"Date: [^\r]*GMT", b"Date: D", answer)
        log = [[re.sub(r"\[\d\d/.*?\]", "[T]", part) for part in entry] for entry in lines]
        out.append({
            "name": name, "send": [base64.b64encode(p).decode() for p in pieces],
            "answer": base64.b64encode(answer).decode(), "end": end, "log": log,
        })
    json.dump(out, sys.stdout, indent=1)
    print()

main()
