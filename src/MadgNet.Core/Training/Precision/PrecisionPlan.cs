using MadgNet.Core.Runtime;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Precision;

/// <summary>
/// The precision and memory layout that a run computes with, chosen from what was asked for and what the machine can do.
/// What cannot be had falls back to the next best and says so: choosing never fails because of the machine.
/// </summary>
/// <remarks>
/// A step: <see cref="Arrange"/> the images, run the model inside <see cref="Enter"/>, compute losses and the backward pass after
/// the scope has ended. The losses of this library take logits of any precision and compute in float32. Holds no tensors.
/// </remarks>
public sealed class PrecisionPlan
{
    private PrecisionPlan(TrainingPrecision precision, MemoryLayout layout, Device device, IReadOnlyList<Problem> warnings)
    {
        Precision = precision;
        Layout = layout;
        Device = device;
        Warnings = warnings;
    }

    /// <summary>The precision in effect; never <see cref="TrainingPrecision.Auto"/>.</summary>
    public TrainingPrecision Precision { get; }

    /// <summary>The layout in effect; never <see cref="MemoryLayout.Auto"/>.</summary>
    public MemoryLayout Layout { get; }

    /// <summary>The device that the plan is for.</summary>
    public Device Device { get; }

    /// <summary>What was asked for and could not be had, or is slow here; empty where there is nothing to say.</summary>
    public IReadOnlyList<Problem> Warnings { get; }

    /// <summary>Whether losses have to be scaled, or small gradients become zero: with float16.</summary>
    public bool NeedsLossScaling => Precision == TrainingPrecision.Float16;

    /// <summary>Chooses.</summary>
    /// <param name="precision">What is asked for.</param>
    /// <param name="layout">What is asked for.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="logger">Is told what was picked and why; null for nobody.</param>
    /// <returns>What is in effect.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is none of its enumeration.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    public static PrecisionPlan Choose(TrainingPrecision precision, MemoryLayout layout, Device device, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        NativeRuntime.EnsureAvailable();
        return Choose(precision, layout, device, logger, Machine.Of(device));
    }

    internal static PrecisionPlan Choose(TrainingPrecision precision, MemoryLayout layout, Device device, ILogger? logger, Machine machine)
    {
        Guard.Defined(precision, nameof(precision));
        Guard.Defined(layout, nameof(layout));
        logger ??= NullLogger.Instance;
        var warnings = new List<Problem>();
        (TrainingPrecision chosen, string why) = ChoosePrecision(precision, device, machine, warnings);
        MemoryLayout laid = layout != MemoryLayout.Auto
            ? layout
            : chosen == TrainingPrecision.Float32 ? MemoryLayout.Contiguous : MemoryLayout.ChannelsLast;
        var plan = new PrecisionPlan(chosen, laid, device, warnings);
        foreach (Problem warning in warnings)
        {
            logger.LogWarning("{Problem}", warning);
        }

        if (logger.IsEnabled(LogLevel.Information))
        {
            logger.LogInformation("Computes in {Precision} on {Device}: {Reason}", plan.Describe(), device, why);
        }

        return plan;
    }

    /// <summary>What is in effect, as <c>bfloat16 autocast, channels_last</c>.</summary>
    /// <returns>The description.</returns>
    public string Describe() =>
        (Precision switch
        {
            TrainingPrecision.BFloat16 => "bfloat16 autocast",
            TrainingPrecision.Float16 => "float16 autocast with loss scaling",
            _ => "float32",
        })
        + (Layout == MemoryLayout.ChannelsLast ? ", channels_last" : ", contiguous");

    /// <inheritdoc cref="Describe"/>
    public override string ToString() => Describe();

    /// <summary>
    /// Enters the precision on the calling thread: run the model inside, losses and backward pass after the scope has ended.
    /// Scopes may be nested. In float32 it does nothing.
    /// </summary>
    /// <returns>Restores, when disposed on the same thread, what was before; a second time does nothing.</returns>
    /// <exception cref="InvalidOperationException">From <c>Dispose</c>: another thread disposes than entered.</exception>
    public IDisposable Enter() => Precision switch
    {
        TrainingPrecision.BFloat16 => Autocast.Enter(Device.type, ScalarType.BFloat16),
        TrainingPrecision.Float16 => Autocast.Enter(Device.type, ScalarType.Float16),
        _ => Nothing.Instance,
    };

    /// <summary>
    /// Lays out the convolution weights of a model as the plan says. The parameters stay the same objects, and their values the
    /// same; saving and loading work as before.
    /// </summary>
    /// <param name="model">The model, on its device.</param>
    public void Prepare(nn.Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ChannelsLast.Apply(model, Layout == MemoryLayout.ChannelsLast);
    }

    /// <summary>Lays out images as the plan says.</summary>
    /// <param name="images">N×C×H×W; stays the caller's.</param>
    /// <returns>The images in the plan's layout, a tensor of its own (of the same memory where nothing has to change). The caller owns
    /// it.</returns>
    public Tensor Arrange(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (Layout == MemoryLayout.ChannelsLast && images.dim() == 4)
        {
            return ChannelsLast.Arrange(images);
        }

        return images.is_contiguous() ? images.alias() : images.contiguous();
    }

    private static (TrainingPrecision Precision, string Why) ChoosePrecision(
        TrainingPrecision asked, Device device, Machine machine, List<Problem> warnings)
    {
        if (asked == TrainingPrecision.Float32)
        {
            return (TrainingPrecision.Float32, "as asked for");
        }

        string subject = $"{nameof(TrainingPrecision)}.{asked}";
        if (!machine.HasAutocast)
        {
            Warn(asked != TrainingPrecision.Auto, "a libtorch that does not export its autocast functions", "float32 is used. Update "
                + "TorchSharp and its backend together");
            return (TrainingPrecision.Float32, "this libtorch offers no autocast");
        }

        switch (device.type)
        {
            case DeviceType.CPU when asked == TrainingPrecision.Float16:
                Warn(true, "the CPU, where float16 is not computed with", machine.ProcessorHasBFloat16
                    ? "bfloat16 is used. Ask for it, or for Auto"
                    : "float32 is used. Ask for it, or for Auto");
                return machine.ProcessorHasBFloat16
                    ? (TrainingPrecision.BFloat16, "float16 is for CUDA, and the processor computes with bfloat16")
                    : (TrainingPrecision.Float32, "float16 is for CUDA");
            case DeviceType.CPU when machine.ProcessorHasBFloat16:
                return (TrainingPrecision.BFloat16, "the processor computes with bfloat16 (AVX512-BF16)");
            case DeviceType.CPU when asked == TrainingPrecision.BFloat16:
                Warn(true, "a processor without AVX512-BF16, which takes longer for it than for float32", "bfloat16 is used as asked "
                    + "for. Ask for Auto or Float32 where speed matters");
                return (TrainingPrecision.BFloat16, "as asked for");
            case DeviceType.CPU:
                return (TrainingPrecision.Float32, "the processor does not compute with bfloat16");
            case DeviceType.CUDA when asked == TrainingPrecision.Float16:
                return (TrainingPrecision.Float16, "as asked for");
            case DeviceType.CUDA when machine.ComputeCapability is null or { Major: >= 8 }:
                return asked == TrainingPrecision.Auto && machine.ComputeCapability is null
                    ? (TrainingPrecision.Float32, "the driver did not tell what the GPU computes with")
                    : (TrainingPrecision.BFloat16, "the GPU computes with bfloat16 (compute capability 8.0 or higher)");
            case DeviceType.CUDA:
                Warn(asked == TrainingPrecision.BFloat16, $"a GPU of compute capability {machine.ComputeCapability!.Value.Major}."
                    + $"{machine.ComputeCapability.Value.Minor}", "float32 is used. Ask for Float16, which this GPU computes with");
                return (TrainingPrecision.Float32, "the GPU does not compute with bfloat16");
            default:
                Warn(asked != TrainingPrecision.Auto, $"a model on {device}", "float32 is used. Train on the CPU or with CUDA");
                return (TrainingPrecision.Float32, $"{device} is neither the CPU nor CUDA");
        }

        void Warn(bool holds, string received, string remedy)
        {
            if (holds)
            {
                warnings.Add(new Problem(
                    subject, received, asked == TrainingPrecision.Float16 ? "CUDA" : "hardware that computes with bfloat16", remedy));
            }
        }
    }

    /// <summary>What the choice goes by.</summary>
    internal sealed record Machine(bool HasAutocast, bool ProcessorHasBFloat16, (int Major, int Minor)? ComputeCapability)
    {
        public static Machine Of(Device device) => new(
            Autocast.IsAvailable,
            ProcessorSupport.HasBFloat16,
            device.type == DeviceType.CUDA ? ProcessorSupport.ComputeCapability(device.index) : null);
    }

    private sealed class Nothing : IDisposable
    {
        public static readonly Nothing Instance = new();

        public void Dispose()
        {
        }
    }
}
