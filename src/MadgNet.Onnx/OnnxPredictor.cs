using System.Numerics.Tensors;
using MadgNet.Core.Inference;
using MadgNet.Core.Runtime;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MadgNet.Onnx;

/// <summary>
/// Segments images with a network in an ONNX file, on ONNX Runtime: everything that a
/// <see cref="SegmentationPredictor"/> does, without libtorch.
/// </summary>
/// <remarks>
/// Takes the files of <see cref="OnnxExporter"/>, whose metadata says all that has to be known, and files of other programs with
/// one input N×C×H×W (float32 or uint8) and an output N×n×H×W (float32); what their metadata does not say is taken from
/// <see cref="OnnxRuntimeOptions"/>.
/// <para><b>Threads.</b> Any number of threads may share a predictor; each gets what it would get alone. Weights are there once, and
/// every thread takes the memory of its own image. One run is spread over <see cref="OnnxRuntimeOptions.Threads"/> of the session's own
/// threads, which all callers share. A cancellation ends a run in its middle.</para>
/// <para><b>Lifetime.</b> Load it once and keep it as long as the application. Do not dispose it while a thread predicts: the session's
/// memory would go under it. A host leaves both to <c>MadgNet.Onnx.Hosting</c>, which waits for what runs.</para>
/// </remarks>
public sealed class OnnxPredictor : SegmentationPredictor
{
    private readonly InferenceSession _session;
    private readonly OnnxSignature _signature;
    private readonly string _file;
    private readonly TimeSpan? _runLimit;

    private OnnxPredictor(
        string file, InferenceSession session, OnnxSignature signature, PredictorOptions? options, TimeSpan? runLimit)
        : base(signature.Network, options)
    {
        _runLimit = runLimit;
        _file = file;
        _session = session;
        _signature = signature;
    }

    /// <summary>The texts that the file keeps beside its network, see <see cref="OnnxMetadata"/>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>Opens a file.</summary>
    /// <param name="path">An ONNX file.</param>
    /// <param name="options">How to predict; the defaults when null.</param>
    /// <param name="runtime">How to run the network; the defaults when null.</param>
    /// <returns>The predictor, which the caller disposes.</returns>
    /// <exception cref="OnnxModelException">The file is not there, is damaged, keeps tensors elsewhere, takes too long to load, or is no
    /// network that the predictor can run.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid or do not fit the network; lists all problems.</exception>
    /// <exception cref="WrongArithmeticException">ONNX Runtime computes wrongly on this machine.</exception>
    public static OnnxPredictor Load(string path, PredictorOptions? options = null, OnnxRuntimeOptions? runtime = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        runtime ??= new OnnxRuntimeOptions();
        try
        {
            using FileStream stream = RegularFile.OpenRead(path);
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            OnnxReach.Check(path, stream, folder, runtime.AllowExternalData);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            bool missing = exception is FileNotFoundException or DirectoryNotFoundException;
            throw new OnnxModelException(
                new Problem(
                    path,
                    missing ? "a path with no file" : $"a file that cannot be read ({exception.Message.TrimEnd('.')})",
                    "an ONNX file",
                    "Check the path and the permissions"),
                exception);
        }

        return Create(path, sessionOptions => new InferenceSession(path, sessionOptions), options, runtime);
    }

    /// <summary>Opens a file that is in memory, such as an embedded resource.</summary>
    /// <param name="model">The bytes of an ONNX file; not needed any more once the predictor is there.</param>
    /// <param name="options">How to predict; the defaults when null.</param>
    /// <param name="runtime">How to run the network; the defaults when null.</param>
    /// <returns>The predictor, which the caller disposes.</returns>
    /// <exception cref="OnnxModelException">The bytes are damaged, or no network that the predictor can run.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid or do not fit the network; lists all problems.</exception>
    /// <exception cref="WrongArithmeticException">ONNX Runtime computes wrongly on this machine.</exception>
    public static OnnxPredictor FromBytes(byte[] model, PredictorOptions? options = null, OnnxRuntimeOptions? runtime = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        runtime ??= new OnnxRuntimeOptions();
        string name = $"ONNX model of {model.Length} bytes";
        using (var stream = new MemoryStream(model, writable: false))
        {
            OnnxReach.Check(name, stream, null, runtime.AllowExternalData);
        }

        return Create(
            name, sessionOptions => new InferenceSession(model, sessionOptions), options, runtime);
    }

    /// <inheritdoc/>
    protected override void Run(ReadOnlySpan<float> images, int count, int height, int width, Span<float> probabilities) =>
        Run(images, count, height, width, probabilities, CancellationToken.None);

    /// <inheritdoc/>
    protected override void Run(
        ReadOnlySpan<float> images, int count, int height, int width, Span<float> probabilities, CancellationToken cancellationToken)
    {
        int batch = _signature.FixedBatch ?? count;
        if (batch == count)
        {
            RunBatch(images, count, height, width, probabilities, cancellationToken);
        }
        else
        {
            long numbers = Math.Max(images.Length, probabilities.Length) / count * (long)batch;
            if (numbers > OnnxSignature.MostNumbers)
            {
                throw new OnnxModelException(new Problem(
                    _file,
                    $"a network of {batch} images at once, for images of {height}×{width}: {numbers} numbers",
                    $"at most {OnnxSignature.MostNumbers}",
                    "Export the network for any batch size, or for a smaller one"));
            }

            // A network of one batch size gets black images for those that are missing.
            var filled = new float[images.Length / count * batch];
            images.CopyTo(filled);
            var all = new float[probabilities.Length / count * batch];
            RunBatch(filled, batch, height, width, all, cancellationToken);
            all.AsSpan(0, probabilities.Length).CopyTo(probabilities);
        }

        if (_signature.OutputsLogits)
        {
            TensorPrimitives.Sigmoid(probabilities, probabilities);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _session.Dispose();
        }

        base.Dispose(disposing);
    }

    private static OnnxPredictor Create(
        string file, Func<SessionOptions, InferenceSession> open, PredictorOptions? options, OnnxRuntimeOptions runtime)
    {
        InvalidOptionsException.ThrowIfAny(nameof(OnnxPredictor), runtime.Validate());
        InferenceSession? session = null;
        try
        {
            session = Open(file, open, runtime);
            return new OnnxPredictor(file, session, SignatureOf(file, session, runtime), options, runtime.RunLimit);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    private static InferenceSession Open(string file, Func<SessionOptions, InferenceSession> open, OnnxRuntimeOptions runtime)
    {
        SessionOptions? sessionOptions = null;
        try
        {
            OnnxTelemetry.Apply(runtime.AllowTelemetry);
            OnnxArithmetic.EnsureVerified();
            sessionOptions = new SessionOptions
            {
                // What goes wrong is thrown; the runtime would write it to the console as well.
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
                IntraOpNumThreads = runtime.Threads,
            };
            sessionOptions.AddSessionConfigEntry("session.intra_op.allow_spinning", runtime.Spinning ? "1" : "0");
            if (runtime.Configure is { } configure)
            {
                configure(sessionOptions);
                OnnxArithmetic.EnsureVerified(sessionOptions);
            }

            SessionOptions taken = sessionOptions;
            sessionOptions = null;
            return OnnxLoading.Open(taken, open, runtime.LoadLimit);
        }
        catch (TimeoutException exception)
        {
            throw new OnnxModelException(
                new Problem(
                    file,
                    $"a file that is not loaded after {runtime.LoadLimit!.Value.TotalSeconds:0.###} seconds",
                    "one that is loaded in that time: a loop in it may have no end",
                    $"Do not use the file, or raise {nameof(OnnxRuntimeOptions)}.{nameof(OnnxRuntimeOptions.LoadLimit)} where you trust it"),
                exception);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new OnnxModelException(
                new Problem(
                    file,
                    $"a file that ONNX Runtime cannot load ({exception.Message.Trim().TrimEnd('.')})",
                    "an intact ONNX file whose operators the runtime has",
                    "Export the network again, or check the execution providers"),
                exception);
        }
        catch (Exception exception) when (sessionOptions is null && IsUnreadable(exception))
        {
            throw Unreadable(file, exception);
        }
        catch (Exception exception) when (MissingRuntime(exception))
        {
            throw new OnnxModelException(
                new Problem(
                    "ONNX Runtime",
                    $"no native library for this system ({exception.GetBaseException().Message.Trim().TrimEnd('.')})",
                    "the library of Microsoft.ML.OnnxRuntime beside the application",
                    "Publish the application for this system (dotnet publish -r …)"),
                exception);
        }
        finally
        {
            sessionOptions?.Dispose();
        }
    }

    private static OnnxSignature SignatureOf(string file, InferenceSession session, OnnxRuntimeOptions runtime)
    {
        try
        {
            return new OnnxSignature(file, session, runtime);
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            throw Unreadable(file, exception);
        }
    }

    /// <summary>What the runtime's managed part throws where a file has no names, the same name twice, or sizes that are none.</summary>
    private static bool IsUnreadable(Exception exception) => exception is NullReferenceException or ArgumentException or OverflowException
        or KeyNotFoundException or IndexOutOfRangeException;

    private static OnnxModelException Unreadable(string file, Exception exception) => new(
        new Problem(
            file,
            $"a file whose description of itself cannot be read ({exception.Message.TrimEnd('.')})",
            "an intact ONNX file, whose inputs and outputs have names and sizes",
            "Export the network again"),
        exception);

    /// <summary>Whether a failure is that of a run which was told to end.</summary>
    private static bool IsTerminated(OnnxRuntimeException exception) =>
        exception.Message.Contains("terminate flag", StringComparison.OrdinalIgnoreCase);

    private static bool MissingRuntime(Exception exception) =>
        exception.GetBaseException() is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException;

    private unsafe void RunBatch(
        ReadOnlySpan<float> images, int count, int height, int width, Span<float> maps, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[]? bytes = _signature.TakesBytes ? ToBytes(images) : null;
        fixed (float* imageStart = images, mapStart = maps)
        fixed (byte* byteStart = bytes)
        {
            using OrtValue input = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance,
                bytes is null ? TensorElementType.Float : TensorElementType.UInt8,
                [count, Network.InputChannels, height, width],
                bytes is null ? (nint)imageStart : (nint)byteStart,
                bytes is null ? (long)images.Length * sizeof(float) : images.Length);

            // The runtime writes into the caller's memory; it refuses where the network's output has another shape.
            using OrtValue output = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance,
                TensorElementType.Float,
                [count, Network.Labels, height, width],
                (nint)mapStart,
                (long)maps.Length * sizeof(float));
            try
            {
                using var run = new RunOptions();
                using var limit = new CancellationTokenSource();
                using CancellationTokenRegistration cancelled = cancellationToken.Register(() => run.Terminate = true);
                using CancellationTokenRegistration late = limit.Token.Register(() => run.Terminate = true);
                if (_runLimit is { } time)
                {
                    limit.CancelAfter(time);
                }

                _session.Run(run, [_signature.InputName], [input], [_signature.OutputName], [output]);
            }
            catch (OnnxRuntimeException exception) when (IsTerminated(exception) && cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException("The prediction was cancelled.", exception, cancellationToken);
            }
            catch (OnnxRuntimeException exception) when (IsTerminated(exception) && _runLimit is not null)
            {
                throw new OnnxModelException(
                    new Problem(
                        _file,
                        $"a network that has not ended after {_runLimit.Value.TotalSeconds:0.###} seconds on {count} images of "
                            + $"{height}×{width}",
                        "one that ends in that time: a loop in it may have no end",
                        $"Do not use the file, use smaller images or tiles, or raise {nameof(OnnxRuntimeOptions)}."
                            + $"{nameof(OnnxRuntimeOptions.RunLimit)}"),
                    exception);
            }
            catch (OnnxRuntimeException exception)
            {
                throw new OnnxModelException(
                    new Problem(
                        _file,
                        $"a network that fails on {count} images of {height}×{width} ({exception.Message.Trim().TrimEnd('.')})",
                        "one map N×n×H×W for images N×C×H×W",
                        "Export the network again, or state its size and stride"),
                    exception);
            }
        }
    }

    private static byte[] ToBytes(ReadOnlySpan<float> images)
    {
        var bytes = new byte[images.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)Math.Clamp(MathF.Round(images[i] * byte.MaxValue), 0, byte.MaxValue);
        }

        return bytes;
    }
}
