"""What can go wrong on the way to a platform, by name."""

from pulse.kernel.errors import Kind, PulseError


class WrongState(PulseError):
    """A post cannot do this in the state it is in."""

    code = "social.wrong_state"
    kind = Kind.CONFLICT
    next_step = "Look at the post's state; somebody or something has moved it on."


class StaleEdit(PulseError):
    """Somebody has changed the draft since it was read for this edit."""

    code = "social.stale_edit"
    kind = Kind.CONFLICT
    next_step = "Read the draft as it is now and make the change there; nothing was changed by this request."


class NoFormerText(PulseError):
    """A post got no text at that version, so that none can be taken back."""

    code = "social.no_former_text"
    kind = Kind.NOT_FOUND
    next_step = "Choose a version at which the post was drafted or edited: `pulse why` lists them."


class StoryHasPost(PulseError):
    """The story has a post on this channel already that is past editing."""

    code = "social.story_has_post"
    kind = Kind.CONFLICT
    next_step = "Cancel that post first, if it is not out yet; or publish the text as your own, without the story."


class TextTooLong(PulseError):
    """Not even the first sentence, nor the title, fits beside the link within the platform's limit."""

    code = "social.text_too_long"
    kind = Kind.TOO_LARGE
    next_step = "Shorten the title or the first sentence, or publish the story on a channel with a higher limit."


class CredentialsRefused(PulseError):
    """The platform does not accept the account's password or token."""

    code = "social.credentials_refused"
    kind = Kind.UNAUTHENTICATED
    next_step = "Make a new app password or access token on the platform and give it to the channel."


class ForbiddenByPlatform(PulseError):
    """The account may not do this: suspended, read-only, or a token without the needed scope."""

    code = "social.forbidden_by_platform"
    kind = Kind.FORBIDDEN
    next_step = "Check on the platform that the account is in order and that the token may write and read statuses."


class ContentRefused(PulseError):
    """The platform does not accept this post, and will not later."""

    code = "social.content_refused"
    kind = Kind.INVALID
    next_step = "Read the platform's words in the message, change the post and approve it again."


class KeyTaken(PulseError):
    """Something else stands where this post should be: other bytes under the same key."""

    code = "social.key_taken"
    kind = Kind.CONFLICT
    next_step = "Look at the post on the platform: it was changed there, or two installations share one account."


class NoSuchService(PulseError):
    """The channel's address does not lead to a server that speaks the platform's language."""

    code = "social.no_such_service"
    kind = Kind.INVALID
    next_step = "Correct the channel's address: the one of the server itself, without a path."


class PostNotFound(PulseError):
    """There is no such post."""

    code = "social.post_not_found"
    kind = Kind.NOT_FOUND
    next_step = "List the posts with `pulse posts` or GET /posts."


class ChannelNotFound(PulseError):
    """There is no such channel."""

    code = "social.channel_not_found"
    kind = Kind.NOT_FOUND
    next_step = "List the channels with `pulse channel list`, or add one with `pulse channel add`."


class ChannelExists(PulseError):
    """A channel of that name is there already."""

    code = "social.channel_exists"
    kind = Kind.CONFLICT
    next_step = "Choose another name, or change the one there is."


class ChannelIncomplete(PulseError):
    """A channel cannot work without this."""

    code = "social.channel_incomplete"
    kind = Kind.INVALID
    next_step = "Give what is missing; `pulse channel add --help` shows examples."


class UnknownPlatform(PulseError):
    """Pulse has no channel of that kind."""

    code = "social.unknown_platform"
    kind = Kind.INVALID
    next_step = "Choose one of the kinds named in the message, and add a channel of it."


class DeliveryBusy(PulseError):
    """Another worker is sending this post at this moment."""

    code = "social.delivery_busy"
    kind = Kind.UNAVAILABLE
    next_step = "Nothing to do: it is tried again by itself."


class NothingToPublish(PulseError):
    """A request to publish names neither a text nor a summary, or a summary without a supported sentence."""

    code = "social.nothing_to_publish"
    kind = Kind.INVALID
    next_step = "Send `content` or the `summary_id` of a summary that has sentences."


class ChannelRefused(PulseError):
    """The platform did not accept the account."""

    code = "social.channel_refused"
    kind = Kind.INVALID
    next_step = "Correct the server's address, the handle or the secret, and add the channel again."


class PlatformUnreachable(PulseError):
    """The platform's server could not be asked."""

    code = "social.platform_unreachable"
    kind = Kind.UNAVAILABLE
    next_step = (
        "Check the server's address, and that it is up; a server on a private address needs PULSE_FETCH__ALLOW_HOSTS."
    )
