using System.Net;
using System.Net.Http.Headers;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Benchmarks.Serving;

/// <summary>One request and what it has to be answered with.</summary>
/// <param name="Kind">What is counted together.</param>
/// <param name="Query">What is asked for.</param>
/// <param name="Content">The file.</param>
/// <param name="Status">The status that it gets.</param>
internal sealed record SoakRequest(string Kind, string Query, byte[] Content, HttpStatusCode Status)
{
    /// <summary>The answer that the request gets alone; null for a refusal.</summary>
    public byte[]? Expected { get; private init; }

    /// <summary>Requests of many sizes and forms, good and bad; the answers are those of a service that does nothing else.</summary>
    public static IReadOnlyList<SoakRequest> Create(ServedModel service)
    {
        string[] forms = ["", "?output=mask", "?output=probability", "?output=overlay", "?output=geojson", "?threshold=0.3"];
        (int Width, int Height)[] sizes = [(32, 32), (64, 48), (96, 96), (128, 64), (160, 200), (256, 256)];
        var requests = new List<SoakRequest>();
        for (int i = 0; i < sizes.Length * 2; i++)
        {
            requests.Add(new SoakRequest(
                "good", forms[i % forms.Length], Picture(i, sizes[i % sizes.Length]), HttpStatusCode.OK));
        }

        byte[] picture = Picture(1, (64, 48));
        byte[] flipped = [.. picture];
        flipped[picture.Length / 2] ^= 0x40;
        requests.Add(new SoakRequest("cut off", "", picture[..(picture.Length / 2)], HttpStatusCode.UnprocessableEntity));
        requests.Add(new SoakRequest("damaged", "", flipped, HttpStatusCode.UnprocessableEntity));
        requests.Add(new SoakRequest("no image", "", [.. Enumerable.Repeat((byte)'x', 500)], HttpStatusCode.UnprocessableEntity));
        requests.Add(new SoakRequest("too many pixels", "", Picture(2, (1100, 1000)), HttpStatusCode.RequestEntityTooLarge));
        requests.Add(new SoakRequest("bad query", "?threshold=x", picture, HttpStatusCode.BadRequest));
        using var client = new HttpClient { BaseAddress = service.Url };
        return [.. requests.Select(request => request with { Expected = request.Answer(client) })];
    }

    public HttpRequestMessage Message() => new(HttpMethod.Post, "/segment" + Query)
    {
        Content = new ByteArrayContent(Content) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } },
    };

    private byte[]? Answer(HttpClient client)
    {
        using HttpRequestMessage message = Message();
        using HttpResponseMessage answer = client.SendAsync(message).GetAwaiter().GetResult();
        return answer.StatusCode == Status
            ? Status == HttpStatusCode.OK ? answer.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult() : null
            : throw new InvalidOperationException(
                $"{Kind}{Query}: received {(int)answer.StatusCode}; expected {(int)Status}. {answer.Content.ReadAsStringAsync().Result}");
    }

    private static byte[] Picture(int seed, (int Width, int Height) size)
    {
        var random = new Random(seed);
        var bytes = new byte[size.Width * size.Height * 3];
        for (int disc = 0; disc < 6; disc++)
        {
            (int x, int y, int radius) = (random.Next(size.Width), random.Next(size.Height), random.Next(4, 12));
            for (int row = Math.Max(0, y - radius); row < Math.Min(size.Height, y + radius); row++)
            {
                for (int column = Math.Max(0, x - radius); column < Math.Min(size.Width, x + radius); column++)
                {
                    if (((row - y) * (row - y)) + ((column - x) * (column - x)) < radius * radius)
                    {
                        bytes.AsSpan(((row * size.Width) + column) * 3, 3).Fill((byte)random.Next(150, 230));
                    }
                }
            }
        }

        using var stream = new MemoryStream();
        ImageWriter.Write(new PixelImage(size.Width, size.Height, 3, bytes), stream);
        return stream.ToArray();
    }
}
