import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connect, Plugin } from 'vite'
import { board, caseFile, caseOf, evaluation, explanation, incident, postsOf, similar } from './records.ts'
import { HAPPENINGS, JURISDICTION, LEVELS, UNITS } from './world.ts'

/** The policy that the real server sends, so that what it refuses is refused here too. */
const CSP =
  "default-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

const META = {
  version: 'dev',
  time_zone: 'Asia/Shanghai',
  setup_needed: false,
  levels: LEVELS,
  units: UNITS,
  jurisdictions: [{ code: JURISDICTION, name: '云湾区', sample: true }],
}

const KINDS = {
  items: [
    {
      id: 'reply',
      name: { 'zh-Hans': '答复', 'zh-Hant': '答覆', en: 'Reply' },
      needs: ['known', 'doing'],
      internal: false,
    },
    { id: 'brief', name: { 'zh-Hans': '快报', 'zh-Hant': '快報', en: 'Flash report' }, needs: [], internal: true },
  ],
  parts: { heard: '来意', known: '事实', doing: '措施', until: '时限', follow_up: '后续' },
  tone: [],
}

type Answer = { status?: number; body: unknown; cookie?: string }

const problem = (status: number, title: string, more: object = {}): Answer => ({
  status,
  body: { type: 'about:blank', title, status, ...more },
})

function answer(method: string, url: URL, loggedIn: boolean): Answer {
  const now = Date.now()
  const route = `${method} ${url.pathname.replace('/api/v1', '')}`
  if (route === 'GET /meta') return { body: META }
  if (route === 'POST /session' || route === 'POST /setup')
    return { body: { name: '周岚', role: 'admin' }, cookie: 'dev=1; Path=/' }
  if (!loggedIn) return problem(401, 'not logged in')
  if (route === 'GET /session') return { body: { name: '周岚', role: 'admin' } }
  if (route === 'DELETE /session') return { body: {}, cookie: 'dev=; Path=/; Max-Age=0' }
  if (route === 'GET /board') return { body: board(now) }
  if (route === 'GET /cases')
    return { body: { items: HAPPENINGS.map((one) => caseOf(one, now)).filter(Boolean), cursor: null } }
  if (route === 'GET /posts')
    return { body: { items: HAPPENINGS.flatMap((one) => postsOf(one, now, 5)), cursor: 'next' } }
  const about = /^GET \/incidents\/(.+)\/(similar|explanation)$/.exec(route)
  if (about) return { body: about[2] === 'similar' ? similar(about[1]!, now) : explanation(about[1]!, now) }
  const one = /^GET \/incidents\/(.+)$/.exec(route)
  if (one) {
    const file = caseFile(decodeURIComponent(one[1]!), now)
    return file ? { body: file } : problem(404, 'no such incident')
  }
  const of = /^GET \/cases\/case-(.+?)(\/evaluation)?$/.exec(route)
  if (of) {
    const file = caseFile(decodeURIComponent(of[1]!), now)
    if (!file) return problem(404, 'no such case')
    return { body: of[2] ? evaluation(file.case!, now) : { ...file, moves: ['assign', 'answer'] } }
  }
  if (route === 'GET /drafts/kinds') return { body: KINDS }
  const draft = /^GET \/drafts\/draft-(.+)$/.exec(route)
  if (draft)
    return { body: { draft: caseFile(draft[1]!, now)?.drafts[0], tone: [], moves: ['edit', 'approve', 'reject'] } }
  if (route.endsWith('/close'))
    return problem(409, 'illegal move', {
      type: 'docs/api.md#illegal-move',
      detail: 'A case that is confirmed cannot close.',
      possible: ['ack', 'assign', 'answer'],
    })
  const move = /^POST \/cases\/case-(.+)\/(\w+)$/.exec(route)
  if (move) return { body: { case: caseFile(move[1]!, now)?.case, moves: [] } }
  if (route === 'DELETE /sample') return { body: {} }
  return problem(404, 'not found')
}

/** A happening that keeps growing, so that the board moves. */
function stream(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  response.flushHeaders()
  let n = 0
  const timer = setInterval(() => {
    const grown = HAPPENINGS[n++ % HAPPENINGS.length]!
    grown.copies += 3
    const send = (event: string, data: unknown): boolean =>
      response.write(`id: ${n}-${n}-${n}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    send('incident', { ...incident(grown, Date.now()), version: 4 + n })
    send('posts', { count: 3, newest: postsOf(grown, Date.now(), 1) })
  }, 4_000)
  response.on('close', () => clearInterval(timer))
}

const handle: Connect.NextHandleFunction = (request: IncomingMessage, response: ServerResponse, next) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  if (!url.pathname.startsWith('/api/')) return next()
  const loggedIn = (request.headers.cookie ?? '').includes('dev=1')
  if (url.pathname.endsWith('/events')) return stream(response)
  const { status = 200, body, cookie } = answer(request.method ?? 'GET', url, loggedIn)
  if (cookie) response.setHeader('Set-Cookie', cookie)
  response.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' })
  response.end(JSON.stringify(body))
}

/** Answers /api from the imagined district, for development and pictures; never part of the build. */
export function fixtureApi(): Plugin {
  return {
    name: 'huiying-fixture-api',
    configureServer: ({ middlewares }) => void middlewares.use(handle),
    configurePreviewServer: ({ middlewares }) =>
      void middlewares.use((request, response, next) => {
        response.setHeader('Content-Security-Policy', CSP)
        handle(request, response, next)
      }),
  }
}
