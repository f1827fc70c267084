using PuppeteerSharp;

namespace MadgNet.Reports.Tests.Support;

/// <summary>A page in the browser, with what went wrong on it.</summary>
internal sealed class OpenedPage : IAsyncDisposable
{
    private readonly List<string> _errors = [];
    private readonly List<string> _requests = [];

    public OpenedPage(IPage page, string address)
    {
        Page = page;
        Address = address;
        page.Console += (_, message) =>
        {
            if (message.Message.Type is ConsoleType.Error or ConsoleType.Warning)
            {
                Note(_errors, message.Message.Text);
            }
        };
        page.PageError += (_, error) => Note(_errors, error.Message);
        page.Request += (_, request) =>
        {
            if (request.Request.Url != address && !request.Request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                Note(_requests, request.Request.Url);
            }
        };
    }

    public IPage Page { get; }

    public string Address { get; }

    /// <summary>Errors of scripts, and what the page's policy forbade.</summary>
    public IReadOnlyList<string> Errors => Copy(_errors);

    /// <summary>What was asked for beside the file itself.</summary>
    public IReadOnlyList<string> Requests => Copy(_requests);

    public async ValueTask DisposeAsync() => await Page.DisposeAsync();

    private static void Note(List<string> list, string text)
    {
        lock (list)
        {
            list.Add(text);
        }
    }

    private static string[] Copy(List<string> list)
    {
        lock (list)
        {
            return [.. list];
        }
    }
}
