from deliveries.models.activity import Activity as Activity
from deliveries.models.contents import Attachment as Attachment
from deliveries.models.contents import Content as Content
from deliveries.models.contents import Label as Label
from deliveries.models.contents import ReportPlan as ReportPlan
from deliveries.models.counters import Counter as Counter
from deliveries.models.counters import KeptFigures as KeptFigures
from deliveries.models.counters import LinkVisit as LinkVisit
from deliveries.models.counters import OwnTarget as OwnTarget
from deliveries.models.deliveries import Delivery as Delivery
from deliveries.models.events import Action as Action
from deliveries.models.events import Event as Event
from deliveries.models.events import EventKey as EventKey
from deliveries.models.events import Origin as Origin
<<<<<<< HEAD
from deliveries.models.links import Link as Link
=======
from deliveries.models.hits import ClassifierMark as ClassifierMark
from deliveries.models.hits import Hit as Hit
>>>>>>> 48fd81f (Make room for hits, events by month and counters)
from deliveries.models.messages import Message as Message
from deliveries.models.messages import MessageCopy as MessageCopy
from deliveries.models.messages import SendingRange as SendingRange
from deliveries.models.newsletters import Newsletter as Newsletter
from deliveries.models.newsletters import Subscription as Subscription
from deliveries.models.runs import ProcessingRun as ProcessingRun
from deliveries.models.runs import RowError as RowError
from deliveries.models.runs import RunFile as RunFile
from deliveries.models.runs import RunTransition as RunTransition
from deliveries.models.spaces import SftpSpace as SftpSpace
from deliveries.models.states import DeliveryStatus as DeliveryStatus
from deliveries.models.states import MessageStatus as MessageStatus
from deliveries.models.states import RunStatus as RunStatus
from deliveries.models.states import SubStatus as SubStatus
from deliveries.models.workers import Worker as Worker
