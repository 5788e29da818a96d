"""The pages: what a person sees and does in a browser.

Owns: no tables; templates, styles and scripts. Asks every service on behalf of the signed-in person, whose role
decides there what is allowed.
Never: answers without a session, trusts text that came from outside, runs script or style that is not a file of ours.
"""
