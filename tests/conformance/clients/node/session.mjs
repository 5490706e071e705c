// fhir-kit-client, unchanged, in one session; reads what to use from stdin and prints what it saw as JSON.
import { readFileSync } from 'node:fs';
import { Client } from 'fhir-kit-client';

const given = JSON.parse(readFileSync(0, 'utf8'));
const ehr = new Client({ baseUrl: given.base, bearerToken: given.ehr });
const provider = new Client({ baseUrl: given.base, bearerToken: given.provider });

const answer = await ehr.transaction({ body: given.referral });
const created = answer.entry.map((entry) => entry.response.status.slice(0, 3));

const pages = [];
let page = await ehr.search({ resourceType: 'Task', searchParams: { _count: '2' } });
while (page) {
  const found = (page.entry ?? []).filter((entry) => entry.search?.mode !== 'outcome');
  pages.push(found.map((entry) => entry.resource.id));
  page = await ehr.nextPage({ bundle: page });
}

const task = await provider.read({ resourceType: 'Task', id: given.task });
const patch = (value, version) => provider.patch({
  resourceType: 'Task',
  id: given.task,
  jsonPatch: [{ op: 'replace', path: '/status', value }],
  options: { headers: { 'If-Match': `W/"${version}"` } },
});
const patched = await patch('accepted', task.meta.versionId);

async function refusal(attempt) {
  try {
    await attempt();
  } catch (error) {
    const issue = error.response.data.issue[0];
    return { status: error.response.status, slug: issue.details.coding[0].code };
  }
  throw new Error('nothing was refused');
}

const refusals = [
  await refusal(() => ehr.transaction({ body: given.conflicting })),
  await refusal(() => patch('in-progress', task.meta.versionId)),
  await refusal(() => patch('failed', patched.meta.versionId)),
];
console.log(JSON.stringify({ created, pages, patched: patched.status, refusals }));
