// One session of the official JavaScript SDK: reads where to go as JSON from standard input, writes what it saw as JSON.
const sdk = require('@keeper-security/secrets-manager-core')

const readInput = async () => {
  let text = ''
  for await (const chunk of process.stdin) text += chunk
  return JSON.parse(text)
}

const summary = (records) =>
  Object.fromEntries(records.map((record) => [record.data.title, {
    uid: record.recordUid,
    folder: record.folderUid ?? null,
    innerFolder: record.innerFolderUid ?? null,
    links: record.links ?? null
  }]))

const find = async (options, uid) => (await sdk.getSecrets(options, [uid])).records[0]

const run = async ({ endpoint, token, keyId, key, folderUid, subFolderUid, fileRecordUid }) => {
  const storage = sdk.inMemoryStorage({})
  await sdk.initializeStorage(storage, token, endpoint)
  const options = { storage, serverPublicKey: key, serverPublicKeyId: keyId }
  const seen = {}

  const secrets = await sdk.getSecrets2(options, { requestLinks: true })
  seen.application = secrets.appData.title
  seen.records = summary(secrets.records)
  const fileRecord = secrets.records.find((record) => record.recordUid === fileRecordUid)
  seen.downloaded = Buffer.from(await sdk.downloadFile(fileRecord.files[0])).toString('base64')

  // From here on the order matters: getSecrets and getFolders each forget the keys that the other learned.
  seen.folders = (await sdk.getFolders(options)).map((folder) => [folder.name, folder.parentUid ?? null])
  seen.newFolder = await sdk.createFolder(options, { folderUid, subFolderUid }, 'Made in JavaScript')
  await sdk.getFolders(options) // the SDK learns a new folder's key from the server only
  await sdk.updateFolder(options, seen.newFolder, 'Renamed in JavaScript')
  const draft = { title: 'From JavaScript', type: 'login', fields: [{ type: 'login', value: ['ada'] }], custom: [] }
  seen.created = await sdk.createSecret2(options, { folderUid, subFolderUid: seen.newFolder }, draft)

  const created = await find(options, seen.created)
  created.data.fields[0].value = ['grace']
  await sdk.updateSecret(options, created)

  const upload = { name: 'notes.bin', title: 'Notes', type: 'application/octet-stream', data: Buffer.from([0, 13, 10, 45, 45, 255]) }
  await sdk.uploadFile(options, await find(options, seen.created), upload)
  seen.uploaded = Buffer.from(await sdk.downloadFile((await find(options, seen.created)).files[0])).toString('base64')

  const rotated = await find(options, seen.created)
  rotated.data.fields[0].value = ['undone']
  await sdk.updateSecret(options, rotated, sdk.UpdateTransactionType.Rotation)
  await sdk.completeTransaction(options, seen.created, true)
  seen.afterRollback = (await find(options, seen.created)).data.fields[0].value[0]

  const doomed = await sdk.createSecret2(options, { folderUid }, { ...draft, title: 'Short-lived' })
  seen.deleted = (await sdk.deleteSecret(options, [doomed])).records
  seen.deletedFolders = (await sdk.deleteFolder(options, [await sdk.createFolder(options, { folderUid }, 'Empty')])).folders
  return seen
}

readInput().then(run).then((seen) => process.stdout.write(JSON.stringify(seen)))
