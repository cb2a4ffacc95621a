// The typed client at work: log in, list, post, like, report a problem, check a receipt.
import { shequ, type Schemas } from "./client.js";

const [url, phone, code, cid] = process.argv.slice(2) as [string, string, string, string];

function given<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

const nobody = shequ(url);
const tokens: Schemas["Tokens"] = given(
  await nobody.POST("/api/v1/auth/tokens", { body: { phone, code } }),
);
const me = shequ(url, tokens.access_token);
const path = { cid };
const page = given(
  await me.GET("/api/v1/communities/{cid}/posts", { params: { path, query: { limit: 5 } } }),
);
const post = given(
  await me.POST("/api/v1/communities/{cid}/posts", {
    params: { path },
    body: { module: "nearby", title: "路灯修好了", body: "谢谢！" },
  }),
);
const likes = given(
  await me.PUT("/api/v1/posts/{id}/like", { params: { path: { id: post.id } } }),
);
const issue = given(
  await me.POST("/api/v1/communities/{cid}/issues", {
    params: { path },
    body: { title: "楼道堆物", body: "三楼堆满纸箱" },
  }),
);
const receipt = await nobody.GET("/api/v1/receipts/{code}", {
  params: { path: { code: "none" } },
});
console.log(
  JSON.stringify({
    posts: page.items.length,
    post: post.title,
    likes: likes.like_count,
    issue: issue.id,
    receipt: receipt.error?.code,
  }),
);
