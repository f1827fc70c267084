using System.CommandLine;
using System.Net;
using MadgNet.AspNetCore;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Onnx;
using MadgNet.Onnx.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MadgNet.Cli.Commands;

/// <summary>Segments images over HTTP until it is told to end.</summary>
internal sealed class ServeCommand : CliCommand
{
    private const int UsualPort = 8080;
    private const int MiB = 1 << 20;

    private readonly Option<FileInfo> _weights = CommonOptions.Weights(
        "The trained network: .onnx, this library's safetensors, or a .pth or .pth.tar of the authors' code.");
    private readonly Option<int> _port = CommonOptions.Between(
        new Option<int>("--port", "-p")
        {
            Description = "The port to listen on; 0 for any that is free.",
            HelpName = "N",
            DefaultValueFactory = _ => UsualPort
        },
        0,
        65535);
    private readonly Option<string> _host = new("--host")
    {
        Description = "The address to listen on; 0.0.0.0 for every network of this machine, which has no protection of its own.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => "127.0.0.1"
    };
    private readonly Option<int> _bytes = CommonOptions.Between(
        new Option<int>("--max-megabytes")
        {
            Description = "The largest file that is taken, in MiB; larger ones get 413.",
            HelpName = "N",
            DefaultValueFactory = _ => 64
        },
        1,
        2047);
    private readonly Option<long> _pixels = CommonOptions.AtLeast(
        new Option<long>("--max-pixels")
        {
            Description = "The most pixels that an image may have; more get 413.",
            HelpName = "N",
            DefaultValueFactory = _ => 50_000_000
        },
        1);
    private readonly Option<int> _concurrency = CommonOptions.AtLeast(
        new Option<int>("--concurrency")
        {
            Description = "How many images are predicted at once.",
            HelpName = "N",
            DefaultValueFactory = _ => 1
        },
        1);
    private readonly Option<int> _queue = CommonOptions.AtLeast(
        new Option<int>("--queue")
        {
            Description = "How many images may wait beside those; one more gets 429.",
            HelpName = "N",
            DefaultValueFactory = _ => 16
        },
        0);
    private readonly Option<bool> _noPage = new("--no-page") { Description = "Leave out the page to try the network on." };
    private readonly Option<InputSide> _size = CommonOptions.Size(
        "Side that images are resized to for the network; masks come out at the images' own size.");
    private readonly Option<double?> _threshold = CommonOptions.Threshold();
    private readonly Option<string> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly OnnxChoices _onnx = new();

    public ServeCommand()
        : base(
            "serve",
            "Segments images over HTTP, with a page to try a network on.",
            "madgnet serve --weights model.onnx --port 8080",
            "madgnet serve -w best.safetensors --port 0 --concurrency 2 --queue 8 --max-pixels 4000000")
    {
        _weights.Required = true;
        _host.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && AddressOf(token.Value) is null)
            {
                result.AddError($"--host: received '{token.Value}'; expected an address of this machine, or localhost. Use 127.0.0.1.");
            }
        });
        foreach (Option option in new Option[]
        {
            _weights, _port, _host, _bytes, _pixels, _concurrency, _queue, _noPage, _size, _threshold, _device, _threads
        }.Concat(_onnx.Options))
        {
            Add(option);
        }
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        string weights = arguments.GetRequiredValue(_weights).ToString();
        IPAddress address = AddressOf(arguments.GetRequiredValue(_host))!;
        int port = arguments.GetValue(_port);
        string name = Path.GetFileNameWithoutExtension(weights);
        using WebApplication app = Build(arguments, weights, name, new IPEndPoint(address, port), output);
        try
        {
            app.StartAsync(cancellation).GetAwaiter().GetResult();
        }
        catch (IOException exception) when (exception is not FileNotFoundException)
        {
            throw new MadgNetException(
                new Problem("--port", $"{address}, port {port}, which cannot be listened on ({exception.Message.TrimEnd('.')})",
                    "a free port of this machine", "Choose another one, or 0 for any that is free").ToString(),
                exception);
        }

        string url = app.Urls.First();
        if (!IPAddress.IsLoopback(address))
        {
            output.Warn($"{url} is open to the network, without encryption and without a password. Put it behind a proxy that has both.");
        }

        output.Line($"Serving {name} at {url}");
        output.Result["url"] = url;
        output.Note("Press Ctrl-C to end.");
        cancellation.WaitHandle.WaitOne();
        app.StopAsync().GetAwaiter().GetResult();
        output.Note("Ended.");
        return ExitCode.Done;
    }

    private WebApplication Build(ParseResult arguments, string weights, string name, IPEndPoint endpoint, CommandOutput output)
    {
        // Neither files of the working folder nor variables of the environment change what is served.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(endpoint);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<IHostLifetime, SignalsElsewhere>();
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddProvider(new OutputLogging(output));
        if (IPAddress.IsLoopback(endpoint.Address))
        {
            // A page of another site that names this machine by a name of its own gets nothing.
            builder.Services.AddHostFiltering(
                filter => filter.AllowedHosts = ["localhost", "127.0.0.1", "[::1]", endpoint.Address.ToString()]);
        }

        builder.Services.AddMadgNetService(service =>
        {
            service.MaximumBytes = (long)arguments.GetValue(_bytes) * MiB;
            service.MaximumPixels = arguments.GetValue(_pixels);
            service.ServePage = !arguments.GetValue(_noPage);
            service.ImageFormats.Add(new DicomService());
            service.ResultFormats.Add(new NiftiService());
            service.ResultFormats.Add(new SegService(MedicalAlgorithm.Of(weights)));
        });
        IImagePredictor predictor = Open(arguments, weights, output);
        builder.Services.AddMadgNetPredictor(name, _ => predictor, limits =>
        {
            limits.MaximumConcurrency = arguments.GetValue(_concurrency);
            limits.MaximumQueue = arguments.GetValue(_queue);
        });
        WebApplication app = builder.Build();
        if (IPAddress.IsLoopback(endpoint.Address))
        {
            app.UseHostFiltering();
        }

        app.MapMadgNet();
        return app;
    }

    private IImagePredictor Open(ParseResult arguments, string weights, CommandOutput output)
    {
        int concurrency = arguments.GetValue(_concurrency);
        int? threads = arguments.GetValue(_threads)
            ?? (concurrency > 1 ? Math.Max(1, Environment.ProcessorCount / concurrency) : null);
        OnnxRuntimeOptions runtime = _onnx.Of(arguments, threads) with { Spinning = concurrency == 1 };
        var options = new PredictorOptions
        {
            Reader = new ImageReader(),
            Threshold = arguments.GetValue(_threshold),
            InputSize = arguments.GetRequiredValue(_size).Square,
            NativeSize = !arguments.GetResult(_size)!.Implicit && arguments.GetRequiredValue(_size).Square is null,
        };
        SegmentationPredictor predictor = ModelFile.OpenPredictor(
            weights, options, arguments.GetResult(_size)!.Implicit, arguments.GetRequiredValue(_device), threads, runtime, output);
        if (predictor.Network.Input is { Files.Count: > 0 } or { FromPages: true })
        {
            predictor.Dispose();
            throw new MadgNetException(new Problem(
                "--weights", "a network that takes several files or pages as one image", "one that takes single images",
                "Use madgnet predict").ToString());
        }

        return predictor is OnnxPredictor onnx ? ImagePredictor.FromOnnx(onnx, weights, runtime) : new ImagePredictor(predictor);
    }

    private static IPAddress? AddressOf(string text) =>
        text == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(text, out IPAddress? address) ? address : null;

    /// <summary>Ctrl-C is the tool's own business.</summary>
    private sealed class SignalsElsewhere : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>What the server and the library log, where the tool says everything else.</summary>
    private sealed class OutputLogging(CommandOutput output) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => output.Logger;

        public void Dispose()
        {
        }
    }
}
