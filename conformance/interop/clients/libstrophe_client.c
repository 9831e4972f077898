/* A libstrophe client that speaks the line protocol of lines.py.
 *
 * It has no say in the SASL mechanism: libstrophe 0.12 takes the strongest
 * SCRAM that it knows and that is offered, never one with channel binding. The
 * name is read out of libstrophe's own log, which goes to standard error. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>
#include <unistd.h>

static char mechanism[64] = "unknown";
static int running = 1;

static void log_line(void *userdata, xmpp_log_level_t level, const char *area, const char *msg)
{
    (void)userdata;
    fprintf(stderr, "%d %s %s\n", (int)level, area, msg);
    const char *found = strstr(msg, "mechanism=\"");
    if (found != NULL)
        sscanf(found, "mechanism=\"%63[^\"]", mechanism);
}

/* Print `text` with line feeds and backslashes escaped. */
static void print_escaped(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            fputs("\\n", stdout);
        else if (*text == '\\')
            fputs("\\\\", stdout);
        else
            putchar(*text);
    }
    putchar('\n');
}

/* Undo that, in place. */
static void unescape(char *text)
{
    char *to = text;
    for (; *text != '\0'; text++) {
        if (*text == '\\' && text[1] != '\0') {
            text++;
            *to++ = *text == 'n' ? '\n' : *text;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

static int on_message(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *userdata)
{
    (void)conn;
    xmpp_stanza_t *body = xmpp_stanza_get_child_by_name(stanza, "body");
    if (body != NULL) {
        char *text = xmpp_stanza_get_text(body);
        printf("message %s ", xmpp_stanza_get_from(stanza));
        print_escaped(text != NULL ? text : "");
        xmpp_free(userdata, text);
    }
    return 1;
}

static int on_presence(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *userdata)
{
    (void)userdata;
    const char *from = xmpp_stanza_get_from(stanza);
    const char *type = xmpp_stanza_get_type(stanza);
    printf("presence %s %s\n", from != NULL ? from : xmpp_conn_get_bound_jid(conn),
           type != NULL ? type : "available");
    return 1;
}

static int on_roster(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *userdata)
{
    (void)conn, (void)userdata;
    xmpp_stanza_t *query = xmpp_stanza_get_child_by_name(stanza, "query");
    xmpp_stanza_t *item = query != NULL ? xmpp_stanza_get_children(query) : NULL;
    for (; item != NULL; item = xmpp_stanza_get_next(item)) {
        const char *subscription = xmpp_stanza_get_attribute(item, "subscription");
        printf("item %s %s\n", xmpp_stanza_get_attribute(item, "jid"),
               subscription != NULL ? subscription : "none");
    }
    puts("roster-end");
    return 0;
}

static int on_pong(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *userdata)
{
    (void)conn, (void)userdata;
    const char *type = xmpp_stanza_get_type(stanza);
    puts(type != NULL && strcmp(type, "result") == 0 ? "pong" : "failed ping");
    return 0;
}

static void send_presence(xmpp_conn_t *conn, const char *to, const char *type)
{
    xmpp_stanza_t *presence = xmpp_presence_new(xmpp_conn_get_context(conn));
    if (to != NULL)
        xmpp_stanza_set_to(presence, to);
    if (type != NULL)
        xmpp_stanza_set_type(presence, type);
    xmpp_send(conn, presence);
    xmpp_stanza_release(presence);
}

/* An iq get whose payload is the empty element `name` of namespace `ns`. */
static void send_get(xmpp_conn_t *conn, const char *id, const char *name, const char *ns,
                     xmpp_handler answer)
{
    xmpp_ctx_t *ctx = xmpp_conn_get_context(conn);
    xmpp_stanza_t *iq = xmpp_iq_new(ctx, "get", id);
    xmpp_stanza_t *payload = xmpp_stanza_new(ctx);
    xmpp_stanza_set_name(payload, name);
    xmpp_stanza_set_ns(payload, ns);
    xmpp_stanza_add_child(iq, payload);
    xmpp_stanza_release(payload);
    xmpp_id_handler_add(conn, answer, id, ctx);
    xmpp_send(conn, iq);
    xmpp_stanza_release(iq);
}

static void obey(xmpp_conn_t *conn, char *line)
{
    static unsigned count;
    char id[32];
    snprintf(id, sizeof id, "c%u", ++count);
    char *verb = strtok(line, " ");
    char *to = strtok(NULL, " ");
    char *rest = strtok(NULL, "");
    if (verb == NULL)
        return;
    if (strcmp(verb, "message") == 0 && rest != NULL) {
        unescape(rest);
        xmpp_stanza_t *message = xmpp_message_new(xmpp_conn_get_context(conn), "chat", to, id);
        xmpp_message_set_body(message, rest);
        xmpp_send(conn, message);
        xmpp_stanza_release(message);
    } else if (strcmp(verb, "subscribe") == 0) {
        send_presence(conn, to, "subscribe");
    } else if (strcmp(verb, "approve") == 0) {
        send_presence(conn, to, "subscribed");
    } else if (strcmp(verb, "roster") == 0) {
        send_get(conn, id, "query", XMPP_NS_ROSTER, on_roster);
    } else if (strcmp(verb, "ping") == 0) {
        send_get(conn, id, "ping", "urn:xmpp:ping", on_pong);
    } else if (strcmp(verb, "quit") == 0) {
        xmpp_disconnect(conn);
    }
}

static int on_stdin(xmpp_ctx_t *ctx, void *userdata)
{
    static char buffer[65536];
    static size_t filled;
    (void)ctx;
    ssize_t got = read(STDIN_FILENO, buffer + filled, sizeof buffer - 1 - filled);
    if (got > 0)
        filled += (size_t)got;
    char *end;
    while ((end = memchr(buffer, '\n', filled)) != NULL) {
        *end = '\0';
        obey(userdata, buffer);
        filled -= (size_t)(end + 1 - buffer);
        memmove(buffer, end + 1, filled);
    }
    return 1;
}

static void on_connection(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
                          xmpp_stream_error_t *stream_error, void *userdata)
{
    xmpp_ctx_t *ctx = xmpp_conn_get_context(conn);
    (void)userdata;
    if (event == XMPP_CONN_CONNECT) {
        /* libstrophe does not tell the TLS version, only whether there is one. */
        printf("ready %s %s %s\n", xmpp_conn_get_bound_jid(conn),
               xmpp_conn_is_secured(conn) ? "TLS" : "none", mechanism);
        xmpp_handler_add(conn, on_message, NULL, "message", NULL, ctx);
        xmpp_handler_add(conn, on_presence, NULL, "presence", NULL, ctx);
        xmpp_global_timed_handler_add(ctx, on_stdin, 10, conn);
        send_presence(conn, NULL, NULL);
    } else {
        if (stream_error != NULL)
            printf("failed stream %d %s\n", (int)stream_error->type,
                   stream_error->text != NULL ? stream_error->text : "");
        else if (error != 0 || event == XMPP_CONN_FAIL)
            printf("failed connection %d\n", error);
        running = 0;
    }
}

int main(int argc, char **argv)
{
    const char *jid = NULL, *password = NULL, *ca = NULL;
    char *host = NULL;
    long flags = XMPP_CONN_FLAG_MANDATORY_TLS;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--direct-tls") == 0) {
            flags = XMPP_CONN_FLAG_LEGACY_SSL;
            i--;
        } else if (strcmp(argv[i], "--jid") == 0)
            jid = argv[i + 1];
        else if (strcmp(argv[i], "--password") == 0)
            password = argv[i + 1];
        else if (strcmp(argv[i], "--ca") == 0)
            ca = argv[i + 1];
        else if (strcmp(argv[i], "--connect") == 0)
            host = argv[i + 1];
    }
    char *colon = host != NULL ? strrchr(host, ':') : NULL;
    if (jid == NULL || password == NULL || colon == NULL) {
        fputs("usage: libstrophe_client --jid J --password P --connect HOST:PORT [--ca FILE]\n", stderr);
        return 2;
    }
    *colon = '\0';
    setvbuf(stdout, NULL, _IOLBF, 0);
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);

    xmpp_initialize();
    xmpp_log_t logger = {log_line, NULL};
    xmpp_ctx_t *ctx = xmpp_ctx_new(NULL, &logger);
    xmpp_conn_t *conn = xmpp_conn_new(ctx);
    xmpp_conn_set_flags(conn, flags | (ca == NULL ? XMPP_CONN_FLAG_TRUST_TLS : 0));
    if (ca != NULL)
        xmpp_conn_set_cafile(conn, ca);
    xmpp_conn_set_jid(conn, jid);
    xmpp_conn_set_pass(conn, password);
    if (xmpp_connect_client(conn, host, (unsigned short)atoi(colon + 1), on_connection, NULL) != XMPP_EOK) {
        puts("failed connection");
        return 1;
    }
    while (running)
        xmpp_run_once(ctx, 10);
    puts("closed");
    xmpp_conn_release(conn);
    xmpp_ctx_free(ctx);
    xmpp_shutdown();
    return 0;
}
