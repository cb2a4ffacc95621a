// The typed client at work, for whoever begins an app: what each part of the contract looks like
// from here.
//
//     node smoke.js http://127.0.0.1:8080 13800000002 13800000021 246810 <community>
import { shequ, type Schemas, type Shequ } from "./client.js";

declare const process: { argv: string[]; exit(code: number): never }; // node's

const [url, phone, other, code, cid] = process.argv.slice(2) as [
  string, string, string, string, string,
];
const path = { cid };

function given<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

// A phone and its code give tokens; with the second one come new ones before the first ends.
async function signedIn(phone: string): Promise<Shequ> {
  const nobody = shequ(url);
  const tokens: Schemas["Tokens"] = given(
    await nobody.POST("/api/v1/auth/tokens", { body: { phone, code } }),
  );
  const { refresh_token } = tokens;
  const fresh = given(
    await nobody.POST("/api/v1/auth/tokens/refresh", { body: { refresh_token } }),
  );
  return shequ(url, fresh.access_token);
}

// A list is read page by page, each with the cursor of the one before, until there is none.
async function* posts(me: Shequ, most: number): AsyncGenerator<Schemas["Post"]> {
  let cursor: string | null | undefined;
  for (let page = 0; page < most && cursor !== null; page++) {
    const query = { limit: 3, ...(cursor ? { cursor } : {}) };
    const found = given(
      await me.GET("/api/v1/communities/{cid}/posts", { params: { path, query } }),
    );
    yield* found.items;
    cursor = found.next_cursor ?? null;
  }
}

// What the live stream tells. A page has EventSource for it; here, with a token, it is read as the
// bytes come.
async function* news(me: Shequ): AsyncGenerator<{ event: string; link?: string }> {
  const stream = given(await me.GET("/api/v1/me/stream", { parseAs: "stream" }));
  const reader = (stream as ReadableStream<Uint8Array>).getReader();
  const utf8 = new TextDecoder();
  for (let text = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (text + utf8.decode(value, { stream: true })).split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts) {
      const lines = new Map(part.split("\n").map((line) => line.split(/: (.*)/, 2) as [string, string]));
      if (lines.has("retry")) yield { event: "open" };
      const data = lines.get("data");
      if (data) yield { event: lines.get("event") ?? "", ...JSON.parse(data) };
    }
  }
}

const [me, neighbour] = [await signedIn(phone), await signedIn(other)];
const read: Schemas["Post"][] = [];
for await (const post of posts(me, 3)) read.push(post);

// What may be sent twice, as the network took the answer away, carries a key.
const publish = (title: string, key?: string, body = "谢谢！") =>
  me.POST("/api/v1/communities/{cid}/posts", {
    params: { path, ...(key ? { header: { "Idempotency-Key": key } } : {}) },
    body: { module: "nearby", title, body },
  });
const key = `post-${read[0]?.id}-${read.length}-ts`;
const first = await publish("路灯修好了", key);
const again = await publish("路灯修好了", key);
const otherBody = await publish("路灯又坏了", key);
const post = given(first);

// What went wrong is a type, too: its code is for programs, and it names the fields.
const wrong = await publish("", undefined, "");
const receipt = await me.GET("/api/v1/receipts/{code}", { params: { path: { code: "none" } } });

const likes = given(
  await me.PUT("/api/v1/posts/{id}/like", { params: { path: { id: post.id } } }),
);
const issue = given(
  await me.POST("/api/v1/communities/{cid}/issues", {
    params: { path },
    body: { title: "楼道堆物", body: "三楼堆满纸箱", location: "3号楼" },
  }),
);

const heard = news(me);
if ((await heard.next()).value?.event !== "open") throw new Error("no stream");
given(
  await neighbour.POST("/api/v1/posts/{id}/comments", {
    params: { path: { id: post.id } },
    body: { body: "太好了" },
  }),
);
let told: string | undefined;
for await (const one of heard) {
  if (one.event !== "notification") continue;
  told = one.link;
  break;
}

console.log(
  JSON.stringify({
    pages: read.length === 9 && new Set(read.map((one) => one.id)).size === 9,
    post: post.title,
    again: [post.id === given(again).id, again.response.headers.get("idempotency-replayed")],
    other_body: otherBody.error?.code,
    wrong: [wrong.error?.code, (wrong.error?.errors ?? []).map((one) => one.field).sort()],
    receipt: receipt.error?.code,
    likes: likes.like_count,
    issue: issue.id,
    told,
  }),
);
process.exit(0); // the stream has no end
