using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using MadgNet.Cli.Tests.Support;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Cli.Tests.Commands;

/// <summary>The tool as a service: on a free port, with pictures and DICOM, until it is told to end.</summary>
public sealed class ServeTests(Tool tool)
{
    [Fact]
    public async Task It_serves_an_onnx_file_until_it_is_told_to_end() =>
        await Serve(tool.Onnx, async client =>
        {
            JsonElement model = JsonDocument.Parse(await client.GetStringAsync("/model")).RootElement;
            Assert.Equal("""["png","jpeg","tiff","dicom"]""", model.GetProperty("formats").GetRawText());
            using HttpResponseMessage answer = await Post(client, Image(), "image/png", "?output=mask");
            Assert.Equal("image/png", answer.Content.Headers.ContentType?.MediaType);
            byte[] slice = DicomWriter.Encode(CtPhantom.Slice(0, 1, 24, 32, 2.5));
            using HttpResponseMessage dicom = await Post(client, slice, "application/dicom", "");
            JsonElement json = JsonDocument.Parse(await dicom.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal("""{"row":0.8,"column":0.7}""", json.GetProperty("spacing").GetRawText());
            using HttpResponseMessage seg = await Post(client, slice, "application/dicom", "?output=seg");
            Assert.True(DicomFile.Recognizes(await seg.Content.ReadAsByteArrayAsync()));

            using var foreign = new HttpRequestMessage(HttpMethod.Get, "/model") { Headers = { Host = "elsewhere.example" } };
            Assert.Equal(400, (int)(await client.SendAsync(foreign)).StatusCode);
        });

    [Fact]
    public async Task It_serves_weights_on_libtorch() =>
        await Serve(tool.Trained.Weights, async client =>
        {
            using HttpResponseMessage answer = await Post(client, Image(), "image/png", "");
            Assert.Equal(200, (int)answer.StatusCode);
        });

    [Theory]
    [InlineData("--port", "65536")]
    [InlineData("--port", "-1")]
    [InlineData("--port", "http")]
    [InlineData("--host", "not an address")]
    [InlineData("--concurrency", "0")]
    [InlineData("--max-megabytes", "0")]
    public void A_mistake_is_2(string option, string value)
    {
        ToolResult result = tool.Run("serve", "--weights", "a.onnx", option, value).Expect(2);
        Assert.Contains(option, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_is_taken_is_told_in_the_words_of_the_tool()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        string port = $"{((System.Net.IPEndPoint)other.LocalEndpoint).Port}";
        ToolResult result = tool.Run("serve", "--weights", tool.Onnx, "--port", port).Expect(1);
        Assert.Contains($"--port: received 127.0.0.1, port {port}", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("fault of madgnet", result.Error, StringComparison.Ordinal);
    }

    private static byte[] Image() => File.ReadAllBytes(
        Directory.EnumerateFiles(Path.Combine(Tool.Data, "images")).Order(StringComparer.Ordinal).First());

    private static Task<HttpResponseMessage> Post(HttpClient client, byte[] content, string type, string query)
    {
        var body = new ByteArrayContent(content);
        body.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return client.PostAsync("/segment" + query, body);
    }

    /// <summary>Starts the service, uses it, tells it to end as Ctrl-C does, and expects that all was well.</summary>
    private async Task Serve(string weights, Func<HttpClient, Task> use)
    {
        using Process process = tool.Begin("serve", "--weights", weights, "--port", "0");
        try
        {
            string line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
                ?? throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            using var client = new HttpClient { BaseAddress = new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..].Trim()) };
            await use(client);
            Tool.Interrupt(process);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
