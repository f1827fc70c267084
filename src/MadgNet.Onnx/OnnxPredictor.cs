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
/// <see cref="OnnxRuntimeOptions"/>. Any number of threads may share a predictor. Do not dispose it while one predicts.
/// </remarks>
public sealed class OnnxPredictor : SegmentationPredictor
{
    private readonly InferenceSession _session;
    private readonly OnnxSignature _signature;
    private readonly string _file;

    private OnnxPredictor(string file, InferenceSession session, OnnxSignature signature, PredictorOptions? options)
        : base(signature.Network, options)
    {
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
    /// <exception cref="OnnxModelException">The file is not there, is damaged, or is no network that the predictor can run.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid or do not fit the network; lists all problems.</exception>
    /// <exception cref="WrongArithmeticException">ONNX Runtime computes wrongly on this machine.</exception>
    public static OnnxPredictor Load(string path, PredictorOptions? options = null, OnnxRuntimeOptions? runtime = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
        {
            throw new OnnxModelException(new Problem(path, "a path with no file", "an ONNX file", "Check the path"));
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
        return Create(
            $"ONNX model of {model.Length} bytes", sessionOptions => new InferenceSession(model, sessionOptions), options, runtime);
    }

    /// <inheritdoc/>
    protected override void Run(ReadOnlySpan<float> images, int count, int height, int width, Span<float> probabilities)
    {
        int batch = _signature.FixedBatch ?? count;
        if (batch == count)
        {
            RunBatch(images, count, height, width, probabilities);
        }
        else
        {
            // A network of one batch size gets black images for those that are missing.
            var filled = new float[images.Length / count * batch];
            images.CopyTo(filled);
            var all = new float[probabilities.Length / count * batch];
            RunBatch(filled, batch, height, width, all);
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
        string file, Func<SessionOptions, InferenceSession> open, PredictorOptions? options, OnnxRuntimeOptions? runtime)
    {
        runtime ??= new OnnxRuntimeOptions();
        InvalidOptionsException.ThrowIfAny(nameof(OnnxPredictor), runtime.Validate());
        InferenceSession? session = null;
        try
        {
            session = Open(file, open, runtime);
            return new OnnxPredictor(file, session, new OnnxSignature(file, session, runtime), options);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    private static InferenceSession Open(string file, Func<SessionOptions, InferenceSession> open, OnnxRuntimeOptions runtime)
    {
        try
        {
            OnnxArithmetic.EnsureVerified();
            using var sessionOptions = new SessionOptions
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

            return open(sessionOptions);
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
    }

    private static bool MissingRuntime(Exception exception) =>
        exception.GetBaseException() is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException;

    private unsafe void RunBatch(ReadOnlySpan<float> images, int count, int height, int width, Span<float> maps)
    {
        byte[]? bytes = _signature.TakesBytes ? ToBytes(images) : null;
        fixed (float* imageStart = images, mapStart = maps)
        fixed (byte* byteStart = bytes)
        {
            using OrtValue input = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance,
                bytes is null ? TensorElementType.Float : TensorElementType.UInt8,
                [count, Network.InputChannels, height, width],
                bytes is null ? (nint)imageStart : (nint)byteStart,
                bytes is null ? images.Length * sizeof(float) : images.Length);

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
                _session.Run(run, [_signature.InputName], [input], [_signature.OutputName], [output]);
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
