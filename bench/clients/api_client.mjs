// HubSpot's own Node client, step by step: `node api_client.mjs BASE_URL` with the token on standard input.
// Prints one JSON object: each step's name, and what came of it. Run where its package is installed.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

const { Client } = createRequire(process.cwd() + '/')('@hubspot/api-client')
const client = new Client({
  basePath: process.argv[2],
  accessToken: readFileSync(0, 'utf8').trim(),
  numberOfApiCallRetries: 0,
  limiterOptions: {},
})
const { crm, marketing } = client
const contacts = crm.contacts
const told = {}

async function step(name, work) {
  try {
    told[name] = await work()
  } catch (error) {
    told[name] = { failed: error.code ?? String(error), category: error.body?.category, message: error.body?.message }
  }
  return told[name]
}

await step('all contacts', async () => (await contacts.getAll(100, undefined, ['email'])).map((row) => [row.id, row.properties.email]))
await step('by address', async () => (await contacts.basicApi.getById('person1@example.com', ['firstname'], undefined, undefined, false, 'email')).properties.firstname)
await step('typed times', async () => {
  const page = await contacts.basicApi.getPage(1)
  return page.results[0].createdAt instanceof Date && page.results[0].updatedAt instanceof Date
})
const made = await step('batch create', async () => {
  const inputs = [1, 2].map((n) => ({ properties: { email: `made${n}@example.com` }, associations: [], objectWriteTraceId: `${n}` }))
  return (await contacts.batchApi.create({ inputs })).results.map((row) => row.id).sort()
})
await step('batch create, one known', async () => {
  const inputs = ['made1', 'made3'].map((n) => ({ properties: { email: `${n}@example.com` }, associations: [], objectWriteTraceId: n }))
  const answer = await contacts.batchApi.create({ inputs })
  return { written: answer.results.length, errors: answer.errors.map((one) => [one.category, one.context.objectWriteTraceId]) }
})
await step('batch update', async () => {
  const inputs = made.map((id) => ({ id, properties: { firstname: 'Made' } }))
  return (await contacts.batchApi.update({ inputs })).results.map((row) => row.properties.firstname)
})
await step('batch upsert', async () => {
  const inputs = [{ id: 'made1@example.com', idProperty: 'email', properties: { lastname: 'Upserted' } }]
  return (await contacts.batchApi.upsert({ inputs })).results.map((row) => row._new)
})
await step('batch read', async () => {
  const inputs = [{ id: 'made1@example.com' }, { id: 'nobody@example.com' }]
  const answer = await contacts.batchApi.read({ inputs, idProperty: 'email', properties: ['lastname'], propertiesWithHistory: [] })
  return { found: answer.results.map((row) => row.properties.lastname), missing: answer.numErrors }
})
await step('search', async () => {
  const filters = [{ propertyName: 'behaviour', operator: 'EQ', value: 'bargain' }]
  const answer = await contacts.searchApi.doSearch({ filterGroups: [{ filters }], sorts: ['hs_object_id'], properties: ['email'], limit: 200, after: '0' })
  return { total: answer.total, shown: answer.results.length }
})
await step('properties', async () => (await crm.properties.coreApi.getAll('contacts')).results.filter((row) => row.name === 'behaviour').map((row) => row.options.map((one) => one.value)))
await step('property made', async () => {
  const created = await crm.properties.coreApi.create('contacts', { name: 'from_node', label: 'From Node', type: 'string', fieldType: 'text', groupName: 'contactinformation' })
  return [created.name, created.createdAt instanceof Date]
})
await step('property made twice', () => crm.properties.coreApi.create('contacts', { name: 'from_node', label: 'From Node', type: 'string', fieldType: 'text', groupName: 'contactinformation' }))
const list = await step('list made', async () => {
  const created = (await crm.lists.listsApi.create({ name: 'From Node', objectTypeId: '0-1', processingType: 'MANUAL' })).list
  return { id: created.listId, size: created.size }
})
await step('list made twice', () => crm.lists.listsApi.create({ name: 'From Node', objectTypeId: '0-1', processingType: 'MANUAL' }))
await step('members added', async () => (await crm.lists.membershipsApi.addAndRemove(list.id, { recordIdsToAdd: made, recordIdsToRemove: [] })).recordsIdsAdded.sort())
await step('members', async () => (await crm.lists.membershipsApi.getPage(list.id)).results.map((row) => row.recordId))
await step('lists', async () => (await crm.lists.listsApi.doSearch({ query: '', offset: 0, count: 100, additionalProperties: ['hs_list_size'] })).lists.map((row) => row.name).sort())
await step('list by name', async () => (await crm.lists.listsApi.getByName('Buys often', '0-1', true)).list.filterBranch.filterBranchType)
await step('folder', async () => (await crm.lists.foldersApi.create({ name: 'From Node' })).folder.name)
await step('e-mails', async () => (await marketing.emails.marketingEmailsApi.getPage()).results.length)
await step('owners', async () => (await crm.owners.ownersApi.getPage()).results.length > 0)
await step('raw call', async () => (await (await client.apiRequest({ path: '/account-info/v3/details' })).json()).accountType)
await step('merge', async () => {
  const merged = await contacts.basicApi.merge({ primaryObjectId: made[0], objectIdToMerge: made[1] })
  return made.includes(merged.id) ? 'kept its id' : 'has an id of its own'
})
await step('nobody', () => contacts.basicApi.getById('987654321'))
await step('not allowed', () => crm.deals.basicApi.getPage())
process.stdout.write(JSON.stringify(told))
