import type {
  Board,
  Case,
  CaseChecklist,
  CaseFile,
  CaseStep,
  Clock,
  Draft,
  Evaluation,
  Explanation,
  FoundPost,
  Incident,
  Labels,
  Post,
  SimilarIncident,
} from '../src/api/types.ts'
import { HAPPENINGS, JURISDICTION, PLACES, type Happening } from './world.ts'

const HOUR = 3_600_000

/** mulberry32: the same district at every start. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()
const place = (i: number): { code: string; name: string } => ({ code: PLACES[i]![0], name: PLACES[i]![1] })

function series(happening: Happening, random: () => number): number[] {
  const hours = Math.min(48, happening.hoursAgo + 2)
  return Array.from({ length: hours }, (_, i) => {
    const near = Math.exp(-(((hours - 1 - i) / Math.max(2, hours / 3)) ** 2))
    return Math.round(happening.baseline * random() + happening.speed * near * (0.7 + 0.5 * random()))
  })
}

export function incident(happening: Happening, now: number): Incident {
  const random = seeded(happening.posts)
  const bad = Math.round(happening.posts * happening.negative)
  const good = Math.round((happening.posts - bad) * 0.15)
  return {
    v: 1,
    milestone: true,
    id: happening.id,
    jurisdiction: JURISDICTION,
    title: happening.title,
    posts: happening.posts,
    copies: happening.copies,
    authors: happening.authors,
    heat: happening.copies * 0.8 + happening.speed * 4,
    speed: happening.speed,
    baseline: happening.baseline,
    burst: happening.speed / (happening.baseline + 1),
    first_at: iso(now - happening.hoursAgo * HOUR),
    raised_at: iso(now - (happening.hoursAgo - 0.4) * HOUR),
    last_at: iso(now - 90_000),
    sentiment: { negative: bad, neutral: happening.posts - bad - good, positive: good },
    domain: happening.domain,
    domains: { [happening.domain]: happening.posts },
    sources: { weibo: 0.6, forum: 0.3, mayor: 0.1 },
    places: happening.places.map((i, n) => ({ ...place(i), posts: Math.round(happening.posts / (n + 1.6)) })),
    spots: {},
    hashtags:
      happening.terms.length > 1 ? { [happening.terms.slice(0, 2).join('')]: Math.round(happening.posts / 3) } : {},
    terms: happening.terms.map((text, i) => ({ text, weight: 9 - i, posts: Math.round(happening.posts / (i + 1.4)) })),
    risk: {
      score: happening.risk.length ? 0.7 : 0,
      hits: happening.risk.map(([category, word, weight]) => ({ category, word, weight, danger: true })),
    },
    examples: [],
    series: series(happening, random),
    reasons: [
      {
        code: 'burst',
        facts: { posts_last_hour: happening.speed, baseline: happening.baseline, score: 8.2 },
      },
      { code: 'volume', facts: { posts: happening.posts, authors: happening.authors } },
      ...happening.risk.map(([category, word]) => ({ code: 'risk', facts: { word, category, posts: 7 } })),
      { code: 'spread', facts: { sources: 3 } },
      { code: 'negative', facts: { share: happening.negative } },
    ],
    version: 4,
    merged_into: null,
    parted_from: null,
    history: [],
    continues: [],
    dismissed: false,
  }
}

const CLOCKS: Record<string, string> = {
  authoritative: '权威信息发布',
  'press-conference': '新闻发布会',
  'internal-report': '内部报告',
  answer: '政务舆情回应',
}

function clock([kind, hours, passed, met]: Happening['clocks'][number], now: number): Clock {
  const started = now - passed * HOUR
  return {
    kind,
    name: CLOCKS[kind]!,
    started_at: iso(started),
    start_event: 'first_seen',
    limit: `${hours}h`,
    counts: 'natural',
    source: '国办发〔2016〕61号',
    due_at: iso(started + hours * HOUR),
    pauses: [],
    stopped_at: met ? iso(started + 0.8 * hours * HOUR) : null,
    warned: [],
    breached: !met && passed > hours,
    note: '',
    extensions: [],
    of: null,
  }
}

export function caseOf(happening: Happening, now: number): Case | null {
  if (happening.level === null) return null
  return {
    v: 1,
    incident_version: 1,
    id: `case-${happening.id}`,
    incident: happening.id,
    jurisdiction: JURISDICTION,
    title: happening.title,
    state: happening.state as Case['state'],
    level: happening.level,
    rule: 'burst',
    opened_at: iso(now - (happening.hoursAgo - 0.5) * HOUR),
    updated_at: iso(now - 0.3 * HOUR),
    version: 3,
    unit: happening.unit,
    support: ['qinglan'],
    owner: '周岚',
    domain: happening.domain,
    place: PLACES[happening.places[0]!]![0],
    reasons: [
      { code: 'rule.posts', facts: { rule: 'burst', value: happening.posts, threshold: 12 } },
      { code: 'rule.negative', facts: { rule: 'burst', value: happening.negative, threshold: 0.3 } },
      { code: 'route.domain', facts: { unit: '区水务局' } },
    ],
    clocks: happening.clocks.map((one) => clock(one, now)),
    answer: null,
    answered_at: null,
    evaluation: {},
    heat: 0,
    peak_level: happening.level,
    level_set_by: null,
    level_why: '',
    level_until: null,
    audiences: {},
    tasks: [],
    supervisors: [],
    recovered_at: null,
    quiet_posts: null,
    loud_at: null,
    satisfaction: null,
    joined: [],
    own: null,
    aside: [],
    merged_into: null,
    before: null,
    ticks: [],
  }
}

function labels(happening: Happening, text: string, random: () => number): Labels {
  const bad = random() < happening.negative
  const sure = 0.58 + 0.4 * random()
  const kind = bad ? 'negative' : 'neutral'
  const found = happening.terms
    .filter((term) => text.includes(term))
    .map((term, i) => ({ text: term, weight: 2.1 - 0.4 * i }))
  const cries = ['睡不着', '刺鼻', '一分钱没拿到', '不敢喝', '讨说法', '到底', '吐了', '黄的'].filter((word) =>
    text.includes(word),
  )
  return {
    sentiment: { label: kind, probs: { [kind]: sure }, unsure: false },
    emotion: { label: bad ? 'angry' : 'neutral', probs: { angry: 0.71, neutral: 0.64 }, unsure: false },
    domain: { label: happening.domain, probs: { [happening.domain]: 0.9 }, unsure: false },
    intent: {
      label: text.includes('求助') ? 'help' : text.includes('请问') ? 'inquiry' : 'complaint',
      probs: { complaint: 0.77, help: 0.83, inquiry: 0.8 },
      unsure: false,
    },
    offensive: { label: 'clean', prob: 0.03, unsure: false },
    danger: {
      label: happening.risk.some(([, word]) => text.includes(word)) ? 'danger' : 'none',
      probs: { danger: 0.04, none: 0.96 },
      unsure: false,
    },
    places: happening.places.slice(0, 1).map((i) => ({ ...place(i), text: place(i).name })),
    risk: {
      score: 0.4,
      hits: happening.risk
        .filter(([, word]) => text.includes(word))
        .map(([category, word, weight]) => ({ category, word, weight, danger: true })),
    },
    reasons: { sentiment: cries.map((word) => ({ text: word, weight: 1.8 })), domain: found },
    told: {},
    model: 'fast-1',
    target: null,
  }
}

export function postsOf(happening: Happening, now: number, many = 12): FoundPost[] {
  const random = seeded(happening.copies)
  return Array.from({ length: many }, (_, i) => {
    const text = happening.says[i % happening.says.length]!
    const id = `${happening.id}-p${i}`
    const platform = ['weibo', 'forum', 'mailbox', 'short_video'][Math.floor(random() * 4)]!
    const post: Post = {
      v: 1,
      id,
      source: 'fixture',
      platform,
      at: iso(now - (i + random()) * 7 * 60_000),
      seen_at: iso(now),
      jurisdiction: JURISDICTION,
      text,
      title: '',
      url: i % 3 ? null : 'https://example.org/post',
      author: 'a1',
      author_since: null,
      reply_to: null,
      root: null,
      likes: 3,
      comments: 1,
      shares: 0,
      extra: {},
      masks: i % 4 ? {} : { mobile: 1 },
      lang: text.includes('請問') ? 'zh-Hant' : 'zh-Hans',
      search: text,
      group: id,
      revision: 0,
      gone_at: null,
      labels: labels(happening, text, random),
    }
    const copies = i < 3 ? Math.round(happening.copies / (i + 3)) : 1
    const interactions = copies * (post.likes + post.comments + post.shares)
    return { post, incident: happening.id, copies, interactions, highlights: { title: [], text: [] } }
  })
}

export function board(now: number): Board {
  const random = seeded(24)
  const hours = Array.from({ length: 24 }, (_, i) => {
    const at = Math.floor(now / HOUR) * HOUR - (23 - i) * HOUR
    const day =
      40 +
      30 * Math.sin((((new Date(at).getUTCHours() + 8) % 24) / 24) * 2 * Math.PI - 2) +
      (i > 18 ? 28 * (i - 18) : 0)
    const posts = Math.round(day * (0.8 + 0.4 * random()))
    const negative = Math.round(posts * (0.24 + (i > 18 ? 0.07 * (i - 18) : 0)))
    const positive = Math.round(posts * 0.14)
    return { at: iso(at), posts, negative, neutral: posts - negative - positive, positive }
  })
  const sum = (key: 'posts' | 'negative'): number => hours.reduce((total, hour) => total + hour[key], 0)
  const counted = (values: string[], top: number): { value: string; posts: number; negative: number }[] =>
    values.map((value, i) => ({
      value,
      posts: Math.round(top / (1 + 0.55 * i)),
      negative: Math.round((top / (1 + 0.55 * i)) * (0.65 - 0.07 * i)),
    }))
  const posts = HAPPENINGS.flatMap((happening) => postsOf(happening, now, 4))
  return {
    blind: [],
    at: iso(now),
    jurisdiction: null,
    hours: 24,
    sample: true,
    lag: 0,
    position: '120-40-9',
    previous: { posts: 1204, negative: 371 },
    figures: {
      posts: sum('posts'),
      negative: sum('negative'),
      newest_at: iso(now),
      hours,
      domains: counted(['环境保护', '城乡建设', '教育文体', '交通运输', '劳动和社会保障', '卫生计生', 'none'], 520),
      places: counted(
        [5, 1, 2, 4, 3, 0, 6].map((i) => PLACES[i]![0]),
        471,
      ),
      sources: counted(['weibo', 'forum', 'mayor'], 800),
    },
    incidents: HAPPENINGS.map((happening) => ({ incident: incident(happening, now), case: caseOf(happening, now) })),
    posts: posts.sort((a, b) => Date.parse(b.post.at) - Date.parse(a.post.at)).slice(0, 20),
  }
}

const fact = (id: string, text: string): Draft['evidence'][number] => ({
  kind: 'fact',
  id,
  title: '',
  text,
  owner: 'water',
  source: '区水务局值班记录',
  valid_until: null,
  reasons: [{ code: 'fact.title', facts: { term: '停水' } }],
})

function draft(happening: Happening, now: number): Draft {
  const base = {
    id: `draft-${happening.id}`,
    case: `case-${happening.id}`,
    at: iso(now - 600_000),
    kind: 'reply',
    method: 'template',
    v: 1,
    version: 1,
    ai_metadata: {},
    evidence: [
      fact('fact-water-03', '相关区域管网改造，17 日 18 时起水压波动带起管内铁锈。'),
      fact('fact-water-04', '分段冲洗，增加水质检测频次，结果每日公布。'),
      { ...fact(`case-${happening.id}`, '答复时限 48 小时'), kind: 'case', owner: '', source: '' },
    ],
    edits: [],
    approvals: [],
    needed: 1,
  }
  if (happening.level === 1) {
    const questions = [
      { text: '起火的具体点位和物质是什么？', unit: 'qinglan' },
      { text: '周边空气检测的结果和时间？', unit: 'water' },
      { text: '有没有人员受伤？', unit: 'qinglan' },
    ]
    return {
      ...base,
      status: 'refused',
      sentences: [],
      questions,
      refusal: '没有已核实的事实卡说明起因、伤亡和检测结果。',
      ai_label: '人工智能生成',
    }
  }
  const checked = { unsupported: [], forbidden: [], edited_by: '' }
  const cite = (kind: string, id: string): { kind: string; id: string } => ({ kind, id })
  return {
    ...base,
    status: 'proposed',
    questions: [],
    refusal: '',
    ai_label: '本文由人工智能辅助生成，须经人工审核',
    sentences: [
      {
        part: 'heard',
        text: `我们注意到居民反映“${happening.title}”。`,
        cites: [cite('post', `${happening.id}-p0`), cite('post', `${happening.id}-p1`)],
        ...checked,
      },
      {
        part: 'known',
        text: '经核实，相关区域正在进行管网改造，17 日 18 时起水压波动带起管内铁锈。',
        cites: [cite('fact', 'fact-water-03')],
        ...checked,
      },
      {
        part: 'doing',
        text: '区水务局已安排分段冲洗，并增加水质检测频次，结果每日公布。',
        cites: [cite('fact', 'fact-water-04')],
        ...checked,
      },
      {
        part: 'until',
        text: '预计 48 小时内恢复正常供水。',
        cites: [cite('case', `case-${happening.id}`)],
        ...checked,
      },
    ],
  }
}

/** Half of it done, by the record and by hand. */
function checklist(now: number): CaseChecklist {
  const step = (id: string, words: string, more: Partial<CaseStep>): CaseStep => ({
    id,
    text: { 'zh-Hans': words },
    source: '',
    done_by: null,
    done: false,
    at: null,
    who: '',
    note: '',
    ...more,
  })
  const done = { done: true, at: iso(now - 2 * HOUR), who: '周岚' }
  const steps = [
    step('acknowledge', '确认收到并接手', { done_by: 'acknowledged', ...done }),
    step('verify', '核实时间、地点、经过和影响', { ...done, note: '已到现场', source: '国办发〔2016〕61号：研判' }),
    step('visit', '回访反映人，听取意见', {}),
    step('close', '结案', { done_by: 'closed' }),
  ]
  return { id: 'ordinary', name: { 'zh-Hans': '一般舆情处置清单' }, source: '默认值', done: 2, steps }
}

export function caseFile(id: string, now: number): CaseFile | null {
  const happening = HAPPENINGS.find((one) => one.id === id)
  if (!happening) return null
  const one = caseOf(happening, now)
  const audit = (
    hours: number,
    who: string,
    action: string,
    why: string,
    detail: Record<string, string | number>,
  ): CaseFile['audit'][number] => ({
    id: `${id}-${hours}`,
    object: `case-${id}`,
    jurisdiction: JURISDICTION,
    at: iso(now - hours * HOUR),
    who,
    action,
    why,
    detail,
  })
  return {
    incident: incident(happening, now),
    case: one,
    posts: postsOf(happening, now),
    drafts: one ? [draft(happening, now)] : [],
    audit: one
      ? [
          audit(3.4, 'system', 'case.opened', 'rule burst', { state: 'emerging', level: 3, version: 1, unit: 'water' }),
          audit(3.2, 'system', 'case.level_raised', 'rule casualties', {
            state: 'emerging',
            level: happening.level ?? 4,
            version: 2,
          }),
          audit(2.1, '周岚', 'case.acknowledged', '已电话核实现场情况', {}),
          audit(1.6, '周岚', 'case.assigned', '', { state: 'handling', unit: happening.unit ?? '' }),
        ]
      : [],
    moves: one ? ['ack', 'assign', 'level', 'pause', 'answer', 'close', 'tick'] : [],
    checklist: one ? checklist(now) : null,
  }
}

/** What an answer ten hours ago has changed. */
export function evaluation(one: Case, now: number): Evaluation {
  const posts = [3, 5, 9, 14, 22, 31, 35, 33, 36, 30, 28, 31, 33, 29, 12, 14, 9, 8, 6, 7, 4, 3, 2, 2]
  const first = Math.floor(now / HOUR) * HOUR - (posts.length - 1) * HOUR
  const side = (hours: number, mean: number, negative: number): Evaluation['before'] => ({
    hours,
    posts_an_hour: mean,
    heat_an_hour: mean * 3,
    negative_share: negative,
    rumour_share: 0.05,
  })
  const none = { slope: null, slope_low: null, slope_high: null, why: '', hours_before: 14, hours_after: 9 }
  return {
    case: one.id,
    answered_at: iso(first + 14.4 * HOUR),
    hours_to_answer: { first_post: 14.4, opened: 9.5, acknowledged: 9.1 },
    clocks: one.clocks.map((clock, i) => ({
      kind: clock.kind,
      name: clock.name,
      limit: '24h',
      source: clock.source,
      due_at: null,
      hours: 9.5 + i * 20,
      kept: [true, false, null][i % 3]!,
    })),
    curve: posts.map((n, i) => ({
      at: iso(first + i * HOUR),
      posts: n,
      negative: Math.round(n * (i < 14 ? 0.6 : 0.3)),
      rumours: Math.round(n * 0.05),
      heat: n * 3,
    })),
    before: side(14, 24.2, 0.6),
    after: side(9, 6.1, 0.3),
    effects: [
      { ...none, measure: 'posts', ratio: 0.41, low: 0.27, high: 0.62, clear: true },
      { ...none, measure: 'negative', ratio: 0.24, low: 0.11, high: 0.5, clear: true },
      { ...none, measure: 'rumours', ratio: null, low: null, high: null, clear: false, why: 'nothing_before' },
      { ...none, measure: 'heat', ratio: 0.8, low: 0.5, high: 1.3, clear: false },
    ],
    questions: [
      {
        kind: 'pay',
        name: { 'zh-Hans': '赔偿', en: 'Compensation' },
        posts: 7,
        example: '洗坏的衣服谁赔？',
        post: 'p',
        touched: false,
        by: '',
      },
      {
        kind: 'when',
        name: { 'zh-Hans': '何时解决', en: 'When it is over' },
        posts: 21,
        example: '什么时候能好？',
        post: 'p',
        touched: true,
        by: '预计',
      },
    ],
    posts: posts.reduce((sum, n) => sum + n, 0),
  }
}

export function similar(id: string, now: number): { items: SimilarIncident[] } {
  const items = HAPPENINGS.filter((one) => one.id !== id)
    .slice(0, 3)
    .map((one, i) => ({
      incident: incident(one, now),
      score: 0.8 - i * 0.2,
      terms: ['停水', '水压'],
      same: i === 0,
      case: caseOf(one, now),
    }))
  return { items }
}

export function explanation(id: string, now: number): Explanation {
  const posts = postsOf(HAPPENINGS.find((one) => one.id === id) ?? HAPPENINGS[0]!, now).map((found) => found.post)
  return {
    incident: id,
    looked_at: 64,
    first: posts.at(-1) ?? null,
    representatives: posts.slice(0, 2),
    unverified: [
      {
        code: 'figures_differ',
        posts: 5,
        examples: posts.slice(0, 2).map((one) => one.id),
        figures: ['3 人', '5 人'],
        refuted: null,
      },
    ],
    path: [...posts]
      .reverse()
      .slice(0, 2)
      .map(({ source, platform, at, id: post }) => ({ source, platform, at, post })),
    ending: { fewer_than: 12, hours: 6, recent: 40, quiet: false },
    negative_early: 0.31,
    negative_late: 0.58,
  }
}
