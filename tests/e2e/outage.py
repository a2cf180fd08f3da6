"""A small happening, written for tests: the water is out at 湖畔雅苑 in the imagined district 云湾区."""

from datetime import datetime, timedelta

VOICES = (
    "湖畔雅苑停水两天了，物业电话一直打不通，老人孩子怎么办",
    "湖畔雅苑又停水，连个通知都没有，太气人了",
    "求助！湖畔雅苑从昨天晚上停水到现在，家里有婴儿",
    "湖畔雅苑小区停水，请问什么时候恢复供水？",
    "停水停水还是停水，湖畔雅苑的业主真是忍无可忍",
    "湖畔雅苑3栋以上全部停水，水厂说是管道爆裂",
    "爆管了！湖畔雅苑门口的路全是水，家里却停水",
    "湖畔雅苑停水，楼下超市的矿泉水都卖光了",
    "有没有人管管湖畔雅苑停水的事，打了12345也没结果",
    "湖畔雅苑停水快三十个小时了，上厕所都成问题",
    "刚下班回来发现湖畔雅苑还在停水，无语",
    "湖畔雅苑停水，隔壁小区有水，为什么就我们没有",
    "供水公司说湖畔雅苑今晚抢修完，希望是真的",
    "湖畔雅苑停水严重影响生活，强烈要求给个说法",
    "邻居们都在群里骂，湖畔雅苑停水没人解释",
    "湖畔雅苑停水，孩子明天上学怎么洗漱",
)


def posts(now: datetime, rounds: int = 2) -> list[dict[str, object]]:
    """The voices, several times in other words, over the half hour before `now`; one author each."""
    total = rounds * len(VOICES)
    endings = ("。", "！！求转发", "，大家帮顶一下", "，到底有没有人负责")
    return [
        {
            "id": f"outage-{n}",
            "source": "forum.test",
            "platform": "forum",
            "at": (now - timedelta(minutes=30 * (total - n) / total)).isoformat(),
            "author": f"业主{n}",
            "text": VOICES[n % len(VOICES)] + endings[(n // len(VOICES)) % len(endings)],
            "likes": n,
        }
        for n in range(total)
    ]
