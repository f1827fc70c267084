using System.Diagnostics;
using System.Net;

namespace MadgNet.Core.Benchmarks.Serving;

/// <summary>One client: sends requests one after the other, and now and then leaves in the middle of one.</summary>
internal sealed class SoakClient(Uri url, IReadOnlyList<SoakRequest> requests, SoakResults results, int number)
{
    /// <summary>One request in so many is left in its middle.</summary>
    private const int LeavesEach = 12;

    private readonly Random _random = new(number);

    public async Task RunAsync(Func<bool> goesOn, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(5) };
        while (goesOn() && !cancellationToken.IsCancellationRequested)
        {
            SoakRequest request = requests[_random.Next(requests.Count)];
            bool leaves = _random.Next(LeavesEach) == 0;
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (leaves)
            {
                leaving.CancelAfter(_random.Next(1, 60));
            }

            try
            {
                await SendAsync(client, request, leaving.Token);
            }
            catch (OperationCanceledException) when (leaves)
            {
                results.Add("left early");
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                results.Add("failed");
                results.AddWrong($"{request.Kind}{request.Query}: {exception.Message}");
            }
        }
    }

    private async Task SendAsync(HttpClient client, SoakRequest request, CancellationToken leaving)
    {
        long begun = Stopwatch.GetTimestamp();
        using HttpRequestMessage message = request.Message();
        using HttpResponseMessage answer = await client.SendAsync(message, leaving);
        byte[] content = await answer.Content.ReadAsByteArrayAsync(leaving);
        TimeSpan time = Stopwatch.GetElapsedTime(begun);
        if (answer.StatusCode == HttpStatusCode.TooManyRequests)
        {
            results.Add("busy");
            if (answer.Headers.RetryAfter is null)
            {
                results.AddWrong($"{request.Kind}: a service that is busy and does not say until when");
            }

            // Sooner than it is told to: the service has to stand that.
            await Task.Delay(_random.Next(20, 200), CancellationToken.None);
            return;
        }

        results.Add(request.Kind);
        if (answer.StatusCode != request.Status)
        {
            results.AddWrong($"{request.Kind}{request.Query}: received {(int)answer.StatusCode}; expected {(int)request.Status}");
        }
        else if (request.Expected is { } expected && !content.AsSpan().SequenceEqual(expected))
        {
            results.AddWrong($"{request.Kind}{request.Query}: another answer than the serial one");
        }
        else if (request.Expected is not null)
        {
            results.AddGood(time);
        }
    }
}
