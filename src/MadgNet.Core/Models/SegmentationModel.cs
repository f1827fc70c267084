using MadgNet.Core.Inputs;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Models;

/// <summary>
/// A network that turns images into maps of labels: what trainer, predictor, evaluation, explanation and export work with.
/// <see cref="MadgNetModel"/> and <see cref="UNet"/> are two; derive from it for a network of your own.
/// </summary>
/// <remarks>
/// <para>Images are N×C×H×W with values 0..1, H and W multiples of <see cref="Stride"/>; the result is one or more stages of logits
/// N×n×H×W, one independent sigmoid map a label (multi-label, never softmax).</para>
/// <para>A derived class needs a constructor that ends with <c>RegisterComponents()</c>, <see cref="forward"/>, and the abstract
/// properties. Everything else has a default: the region is the one task, no parameter belongs to an encoder, the inference form is
/// the module in evaluation mode. Training is not safe from several threads; <see cref="Predict"/> in evaluation mode is, as
/// long as <see cref="forward"/> keeps nothing.</para>
/// </remarks>
public abstract partial class SegmentationModel : Module<Tensor, SegmentationOutput>
{
    /// <summary>Creates the base of a network.</summary>
    /// <param name="name">The name of the class, for messages.</param>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    protected SegmentationModel(string name)
        : base(NativeRuntime.Ensured(name))
    {
    }

    /// <summary>What kind of network it is, by its name in a <see cref="ModelRegistry"/>: files keep it, and loading asks for it.</summary>
    public abstract string Architecture { get; }

    /// <summary>What the network expects of images.</summary>
    public abstract ModelInput Input { get; }

    /// <summary>n, the number of labels; 1 or more.</summary>
    public abstract int Labels { get; }

    /// <summary>A name for each label, or none.</summary>
    public virtual IReadOnlyList<string> LabelNames => [];

    /// <summary>What the height and width of an image must be multiples of; 1 or more.</summary>
    public abstract int Stride { get; }

    /// <summary>The tasks that <see cref="forward"/> gives maps for, in every stage. Default: the region.</summary>
    public virtual SupervisionTasks Tasks => SupervisionTasks.Region;

    /// <summary>How many stages <see cref="forward"/> gives; 1 or more. Default 1.</summary>
    public virtual int StageCount => 1;

    /// <summary>
    /// The fewest images that it can be trained on at once: 2 where split attention normalises over the batch, 1 elsewhere.
    /// </summary>
    public virtual int MinimumTrainingBatch => modules().OfType<SplitAttention>().Any() ? 2 : 1;

    /// <summary>One line about the network, for people: its kind and its parts.</summary>
    public virtual string Description => GetName();

    /// <summary>The number of values in the parameters, frozen ones included.</summary>
    public long ParameterCount => parameters().Sum(parameter => parameter.numel());

    /// <summary>The device that the parameters are on; the CPU where there are none.</summary>
    public Device Device => FirstWeight?.device ?? CPU;

    /// <summary>One parameter, which device and type of the images have to agree with; null for a network without any.</summary>
    protected virtual Parameter? FirstWeight => parameters().FirstOrDefault();

    /// <summary>Predicts all maps of all stages, as training needs them.</summary>
    /// <param name="input">Images N×C×H×W, values 0..1, H and W multiples of <see cref="Stride"/>.</param>
    /// <returns>Logits of every stage at input resolution, the last stage being the prediction. The caller owns them.</returns>
    /// <exception cref="TensorShapeException">The images have another shape, type or device than the network takes.</exception>
    public abstract override SegmentationOutput forward(Tensor input);

    /// <summary>
    /// Whether a parameter belongs to the encoder: it may have a learning rate of its own, and be frozen. Default: none does.
    /// </summary>
    /// <param name="name">The parameter's name in the state dict.</param>
    /// <returns>True for the encoder's.</returns>
    public virtual bool IsEncoderParameter(string name) => false;

    /// <summary>
    /// Where the attention of a stage is recorded: what <see cref="AttentionRecord.Path"/> begins with, for records directly there
    /// or, at several scales, below <c>scale0</c>, <c>scale1</c> …. Default null: the stage has none.
    /// </summary>
    /// <param name="stage">The stage's index in the output, from 0.</param>
    /// <returns>The path, or null.</returns>
    public virtual string? AttentionPath(int stage) => null;

    /// <summary>Where the maps of a stage's sub-decoder are recorded before they are combined; null, the default, for nowhere.</summary>
    /// <param name="stage">The stage's index in the output, from 0.</param>
    /// <returns>The path, or null.</returns>
    public virtual string? SubDecoderPath(int stage) => null;

    /// <summary>Predicts all maps and records every attention on the way, under the parts' paths.</summary>
    /// <param name="input">Images as for <see cref="forward"/>.</param>
    /// <param name="recorder">Receives the records; none where the network has no attention.</param>
    /// <returns>Logits of every stage at input resolution. The caller owns them.</returns>
    /// <exception cref="TensorShapeException">As for <see cref="forward"/>.</exception>
    public SegmentationOutput ForwardWithAttention(Tensor input, AttentionRecorder recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        using (recorder.Follow())
        {
            return call(input);
        }
    }

    /// <summary>Predicts the region map of the last stage alone. By default all maps are predicted and the others dropped.</summary>
    /// <param name="input">Images as for <see cref="forward"/>.</param>
    /// <returns>Region logits N×n×H×W; their sigmoid is the probability. The caller owns them.</returns>
    /// <exception cref="TensorShapeException">As for <see cref="forward"/>.</exception>
    /// <remarks>
    /// Runs in whatever mode the module is in: call <c>eval()</c> first, and wrap the call in <c>no_grad()</c> where no gradient is wanted.
    /// </remarks>
    public virtual Tensor Predict(Tensor input)
    {
        SegmentationOutput output = call(input);
        Tensor region = output.Final.Region;
        foreach (Tensor map in output.Stages.SelectMany(stage => stage.Given))
        {
            if (!ReferenceEquals(map, region))
            {
                map.Dispose();
            }
        }

        return region;
    }

    /// <summary>
    /// The network in a form that only predicts, and does so faster where it can. By default that is this module in evaluation
    /// mode, which must live as long as what is returned.
    /// </summary>
    /// <param name="precision">What it computes in; a network without a form of its own computes in its own type.</param>
    /// <returns>The inference form. The caller owns it.</returns>
    /// <exception cref="InvalidOptionsException">The precision is unknown.</exception>
    public virtual InferenceModel ForInference(InferencePrecision precision = InferencePrecision.Float32) =>
        new ModuleInference(this, precision);

    /// <summary>
    /// What the network is made of beyond its name and input, as JSON: files keep it, its <see cref="ArchitectureEntry"/> builds
    /// from it, and a run is resumed only where it is the same. Default: an empty object.
    /// </summary>
    /// <returns>JSON.</returns>
    public virtual string OptionsToJson() => "{}";
}
