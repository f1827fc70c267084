using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Runtime;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// An attention that weighs the channels of a feature map. To use your own attention in <see cref="MultiFrequencyMultiScaleAttention"/>
/// or a <see cref="UNetDecoderLevel"/>, derive from this class or from <see cref="StatisticalChannelAttention"/>.
/// </summary>
/// <remarks>
/// Input and output are N×C×H×W. A derived class ends its constructor with <c>RegisterComponents()</c>. It passes what it computed to
/// <see cref="AttentionRecorder.Current"/> when that is not null.
/// </remarks>
public abstract class ChannelAttention : Module<Tensor, Tensor>
{
    /// <summary>Creates the base of an attention.</summary>
    /// <param name="name">The name of the class, for messages.</param>
    /// <param name="channels">C, the channels of the feature map; 1 or more.</param>
    /// <exception cref="InvalidOptionsException"><paramref name="channels"/> is not positive.</exception>
    protected ChannelAttention(string name, long channels)
        : base(NativeRuntime.Ensured(name))
    {
        var problems = new List<Problem>();
        Guard.Range(problems, "Channels", channels, 1);
        InvalidOptionsException.ThrowIfAny(name, problems);
        Channels = channels;
    }

    /// <summary>C, the channels of the feature map.</summary>
    public long Channels { get; }

    /// <summary>Weighs the channels of a feature map.</summary>
    /// <param name="input">A feature map N×C×H×W.</param>
    /// <returns>The weighted map, N×C×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">The input is not N×C×H×W with the constructed C, or of another type or device than the
    /// weights.</exception>
    public abstract override Tensor forward(Tensor input);

    /// <summary>
    /// Weighs the channels of a feature map and records what it saw, a <see cref="ChannelAttentionRecord"/> for those of this library.
    /// </summary>
    /// <param name="input">A feature map N×C×H×W.</param>
    /// <param name="recorder">Receives the record.</param>
    /// <returns>The weighted map, N×C×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">As for <see cref="forward"/>.</exception>
    public Tensor ForwardWithAttention(Tensor input, AttentionRecorder recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        using (recorder.Follow())
        {
            return call(input);
        }
    }

    /// <summary>The attention in the form that only predicts: by default the module itself, which must live as long.</summary>
    internal virtual IFoldedAttention Fold(ScalarType type) => new FoldedModule(this);
}
