using System.Runtime.ExceptionServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Runtime;

/// <summary>
/// Computes operations forward and backward in the types and memory orders that networks use, and compares each result with
/// the same in double precision, which libtorch computes on the processor by plain loops and not by oneDNN.
/// </summary>
/// <remarks>Runs on a thread of its own: gradients, autocast and dispose scopes of the caller's thread do not reach it.</remarks>
internal sealed class ArithmeticCheck
{
    // Right results stay below 2e-6 in float32, and at the rounding of the type in the others. Wrong ones were off by percents.
    private const double Float32Tolerance = 2e-5;
    private const double BFloat16Tolerance = 2e-2;
    private const double Float16Tolerance = 3e-3;
    private const double Tf32Tolerance = 3e-3;

    private static readonly Scalar MinusOne = Scalars.Of(-1.0);

    private readonly Device _device;
    private readonly List<ArithmeticFinding> _wrong = [];
    private uint _state = 1;

    private ArithmeticCheck(Device device) => _device = device;

    /// <summary>How many operations were checked, each forward and backward in one type and memory order.</summary>
    public int Operations { get; private set; }

    /// <summary>The largest error in float32.</summary>
    public double Worst { get; private set; }

    /// <summary>The largest error in the 16-bit types and in TF32.</summary>
    public double Worst16Bit { get; private set; }

    /// <summary>The results that are wrong.</summary>
    public IReadOnlyList<ArithmeticFinding> Wrong => _wrong;

    /// <summary>Checks operations.</summary>
    /// <param name="device">Where they are computed.</param>
    /// <param name="operations">The operations.</param>
    /// <param name="cancellationToken">Ends the check between two operations.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ArithmeticCheck Run(Device device, IEnumerable<ArithmeticOperation> operations, CancellationToken cancellationToken)
    {
        var check = new ArithmeticCheck(device);
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                foreach (ArithmeticOperation operation in operations)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    check.Run(operation);
                }
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            IsBackground = true,
            Name = "MadgNet arithmetic check",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return check;
    }

    private void Run(ArithmeticOperation operation)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] inputs = [.. operation.Inputs.Select(Draw)];
        Tensor gradient;
        using (no_grad())
        using (Tensor shaped = operation.Function(inputs))
        {
            gradient = Draw(shaped.shape);
        }

        Tensor[] expected = Compute(operation, inputs, gradient);
        foreach ((ScalarType type, bool tf32, double tolerance) in Types())
        {
            foreach (bool channelsLast in (bool[])[false, true])
            {
                if ((channelsLast && operation.Inputs[0].Length != 4) || (!channelsLast && operation.ChannelsLastAlone))
                {
                    continue;
                }

                Tensor Arrange(Tensor tensor) => Ordered(tensor.to(type).to(_device), channelsLast);
                using DisposeScope form = NewDisposeScope();
                using var precision = new Tf32Scope(_device, tf32);
                Tensor[] results = Compute(operation, [.. inputs.Select(Arrange)], Arrange(gradient));
                Compare(operation, expected, results, (type, tf32, channelsLast), tolerance);
            }
        }
    }

    private IEnumerable<(ScalarType Type, bool Tf32, double Tolerance)> Types()
    {
        yield return (ScalarType.Float32, false, Float32Tolerance);
        yield return (ScalarType.BFloat16, false, BFloat16Tolerance);
        if (_device.type == DeviceType.CUDA)
        {
            yield return (ScalarType.Float16, false, Float16Tolerance);
            yield return (ScalarType.Float32, true, Tf32Tolerance);
        }
    }

    private void Compare(
        ArithmeticOperation operation,
        Tensor[] expected,
        Tensor[] results,
        (ScalarType Type, bool Tf32, bool ChannelsLast) form,
        double tolerance)
    {
        Operations++;
        for (int i = 0; i < results.Length; i++)
        {
            double error = Error(expected[i], results[i]);
            if (form.Type == ScalarType.Float32 && !form.Tf32)
            {
                Worst = Math.Max(Worst, error);
            }
            else
            {
                Worst16Bit = Math.Max(Worst16Bit, error);
            }

            if (!(error <= tolerance))
            {
                string part = i == 0 ? "result" : i == 1 ? "gradient of the input" : $"gradient of its {(i == 2 ? "weight" : "bias")}";
                string order = form.ChannelsLast ? "channels-last" : "contiguous";
                _wrong.Add(new ArithmeticFinding(
                    $"{operation.Name}, {(form.Tf32 ? "TF32" : form.Type)}, {order}, on {_device}, {part}", error, tolerance));
            }
        }
    }

    /// <summary>The result, and the gradients of all that goes in.</summary>
    private static Tensor[] Compute(ArithmeticOperation operation, Tensor[] inputs, Tensor gradient)
    {
        Tensor[] leaves = [.. inputs.Select(input => input.detach().requires_grad_(true))];
        Tensor result = operation.Function(leaves);
        IList<Tensor> gradients = autograd.grad([result], leaves, [gradient]);
        return [.. gradients.Prepend(result).Select(tensor => tensor.detach())];
    }

    /// <summary>The largest difference, relative to the largest expected value; infinite where there is NaN.</summary>
    private static double Error(Tensor expected, Tensor result)
    {
        using DisposeScope scope = NewDisposeScope();
        double difference = result.to(ScalarType.Float64).cpu().add(expected, MinusOne).abs().max().item<double>();
        double scale = expected.abs().max().item<double>();
        return double.IsNaN(difference) ? double.PositiveInfinity : difference / Math.Max(scale, double.Epsilon);
    }

    private static Tensor Ordered(Tensor tensor, bool channelsLast) =>
        channelsLast && tensor.dim() == 4 ? ChannelsLast.Of(tensor) : tensor.contiguous();

    /// <summary>
    /// Numbers −1 … 1 of seven bits and of eight orders of magnitude, which every type holds exactly: all of them compute from the
    /// same, and none adds them up without rounding. Drawn here, so that libtorch's random state stays as it is.
    /// </summary>
    private Tensor Draw(long[] shape)
    {
        const int Steps = 64;
        const int Orders = 8;
        var values = new double[shape.Aggregate(1L, (product, side) => product * side)];
        for (int i = 0; i < values.Length; i++)
        {
            _state = (_state * 1664525) + 1013904223;
            int step = (int)((_state >> 12) % ((2 * Steps) + 1)) - Steps;
            values[i] = step / (double)(Steps << (int)((_state >> 24) % Orders));
        }

        return tensor(values, shape, ScalarType.Float64, CPU);
    }

    /// <summary>Allows or forbids TF32 while it lives; on a GPU alone.</summary>
    private readonly struct Tf32Scope : IDisposable
    {
        private readonly bool _gpu;
        private readonly bool _products;
        private readonly bool _convolutions;

        public Tf32Scope(Device device, bool allow)
        {
            _gpu = device.type == DeviceType.CUDA;
            if (_gpu)
            {
                (_products, _convolutions) = (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32);
                (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (allow, allow);
            }
        }

        public void Dispose()
        {
            if (_gpu)
            {
                (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (_products, _convolutions);
            }
        }
    }
}
